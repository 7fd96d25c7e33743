import type { ContainerConfig } from '../state/types'
import { humanSize } from './go-numbers'
import { invalid, quoted, unsupported, words } from './refusal'

type Log = ContainerConfig['log']

const drivers = ['k8s-file', 'none']
const missing = ['journald', 'passthrough', 'passthrough-tty']

const checkDriver = (driver: string): string => {
  if (missing.includes(driver)) throw unsupported(`the log driver ${driver}`, 'use k8s-file or none')
  // Podman's own alias.
  if (driver === 'json-file') return 'k8s-file'
  if (!drivers.includes(driver))
    throw invalid(`running container create option: invalid log driver: ${words.invalidArgument}`)
  return driver
}

/** `--log-driver` and `--log-opt`. */
export const createLog = (driver: string | undefined, options: readonly string[]): Log => {
  const log: Log = { driver: driver || 'k8s-file' }
  for (const option of options) {
    const at = option.indexOf('=')
    if (at < 0) throw invalid(`invalid log option ${quoted(option)}`)
    const [key, value] = [option.slice(0, at).toLowerCase(), option.slice(at + 1)]
    if (key === 'driver') log.driver = value
    else if (key === 'path') log.path = value
    else if (key === 'max-size') log.maxSize = humanSize(value)
    else if (key === 'tag') log.tag = value
    else if (key === 'label') throw unsupported('the log option label')
  }
  log.driver = checkDriver(log.driver)
  if (log.tag)
    throw invalid(
      `log tags can only be used with the journald log driver but driver is ${quoted(log.driver)}: ${words.invalidArgument}`,
    )
  return log
}
