import { isTspodError, TspodError } from '../errors'

/** A mistake of the user. */
export const invalid = (message: string, object?: string): TspodError =>
  new TspodError('invalid', message, object === undefined ? {} : { object })

/** Podman can do it, tspod not yet: said, never ignored. */
export const unsupported = (message: string, hint?: string): TspodError =>
  new TspodError('unsupported', `${message} is not supported by tspod yet`, hint ? { hint } : {})

/** Text in quotes as Go's `%q` prints it, for the plain text that options hold. */
export const quoted = (text: string): string => JSON.stringify(text)

/** Words of Podman's error values, which end many of its messages. */
export const words = {
  invalidArgument: 'invalid argument',
  invalidConfiguration: 'invalid configuration',
  podNetwork: 'network cannot be configured when it is shared with a pod',
  duplicateDestination: 'duplicate mount destination',
  badMountOption: 'invalid mount option',
  repeatedMountOption: 'duplicate mount option passed',
  optionArgument: 'must provide an argument for option',
  noDestination: 'must set volume destination',
} as const

/** Runs `act` and says in its error what it was for. */
export const withPrefix = <T>(prefix: string, act: () => T): T => {
  try {
    return act()
  } catch (error) {
    if (!isTspodError(error)) throw error
    throw new TspodError(error.code, `${prefix}: ${error.message}`, error.context, error)
  }
}
