import { posix } from 'node:path'
import type { MountConfig } from '../state/types'
import type { HostFacts } from './context-types'
import { checkVolumeOptions } from './mount-options'
import { containerPath } from './paths'
import { invalid } from './refusal'

const relativeSource = (source: string, host: HostFacts): string => {
  const path = posix.resolve(host.cwd, source)
  if (!host.pathKind(path))
    throw invalid(`lstat ${posix.normalize(source)}: no such file or directory`, source)
  return path
}

/** One `-v` value: `[[SOURCE-VOLUME|HOST-DIR:]CONTAINER-DIR[:OPTIONS]]`. */
export const parseVolume = (text: string, host: HostFacts): MountConfig => {
  const parts = text.split(':')
  if (parts.length > 3)
    throw invalid(`${text}: incorrect volume format, should be [host-dir:]ctr-dir[:option]`)
  const [first = '', second, optionText] = parts
  const options = optionText === undefined ? [] : checkVolumeOptions(optionText.split(','))
  if (second === undefined) return { type: 'volume', destination: containerPath(first), options }
  if (first === '') throw invalid('host directory cannot be empty')
  const destination = containerPath(second)
  if (first.startsWith('.'))
    return { type: 'bind', source: relativeSource(first, host), destination, options }
  const type = first.startsWith('/') ? 'bind' : 'volume'
  return { type, source: type === 'bind' ? posix.normalize(first) : first, destination, options }
}

/** One `--tmpfs` value: `CONTAINER-DIR[:OPTIONS]`. */
export const parseTmpfs = (text: string): MountConfig => {
  const [destination = '', options] = text.split(':')
  return {
    type: 'tmpfs',
    destination: containerPath(destination),
    options: options ? options.split(',') : [],
  }
}
