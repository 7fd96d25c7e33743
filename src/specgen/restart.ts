import type { RestartPolicy } from '../state/types'
import { parseGoInt } from './go-numbers'
import { invalid, quoted, words } from './refusal'

const names = ['no', 'on-failure', 'always', 'unless-stopped']

const isName = (name: string): name is RestartPolicy['name'] => names.includes(name)

/** `--restart`: `no`, `never`, `on-failure[:TRIES]`, `always`, `unless-stopped`. */
export const parseRestart = (text: string, prefix = ''): RestartPolicy => {
  const [name = '', tries, ...rest] = text.split(':')
  if (rest.length > 0) throw invalid('invalid restart policy: may specify retries at most once')
  let maximumRetries = 0
  if (tries !== undefined) {
    if (name.toLowerCase() !== 'on-failure')
      throw invalid('restart policy retries can only be specified with on-failure restart policy')
    maximumRetries = parseTries(tries)
  }
  const policy = name.toLowerCase() === 'never' || name === '' ? 'no' : name
  if (!isName(policy))
    throw invalid(`${prefix}${quoted(policy)} is not a valid restart policy: ${words.invalidArgument}`)
  return { name: policy, maximumRetries }
}

const parseTries = (text: string): number => {
  let tries: number
  try {
    tries = parseGoInt(text, 64, 'Atoi')
  } catch (error) {
    throw invalid(`parsing restart policy retry count: ${(error as Error).message}`)
  }
  if (tries < 0) throw invalid('must specify restart policy retry count as a number greater than 0')
  return tries
}

/** `--rm` leaves nothing to start again, unless only failures are tried again. */
export const checkRestart = (restart: string | undefined, autoRemove: boolean | undefined): void => {
  if (autoRemove && restart && restart !== 'no' && restart !== 'on-failure')
    throw invalid('the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"')
}
