import { TspodError } from '../errors'
import type { AttachStreams } from '../libpod'
import * as flag from './flags'

const STDIN = 0
const STDOUT = 1
const STDERR = 2

export const detachKeysFlag = {
  'detach-keys': flag.string('Keys that end the session and leave the container running', {
    value: 'keys',
    default: 'ctrl-p,ctrl-q',
  }),
}

export const sigProxyFlag = {
  'sig-proxy': flag.bool('Pass signals on to the process', { default: true }),
}

/** The three standard streams; stdin where the container is to have it. */
export const standardStreams = (stdin: boolean): AttachStreams => ({
  ...(stdin ? { stdin: STDIN } : {}),
  stdout: STDOUT,
  stderr: STDERR,
})

/** Those that `--attach` names; stdin also where `--interactive` asks for it. */
export function namedStreams(names: readonly string[], interactive: boolean): AttachStreams {
  const streams: AttachStreams = interactive ? { stdin: STDIN } : {}
  for (const name of names) {
    switch (name.toLowerCase()) {
      case 'stdin':
        streams.stdin = STDIN
        break
      case 'stdout':
        streams.stdout = STDOUT
        break
      case 'stderr':
        streams.stderr = STDERR
        break
      default:
        throw new TspodError(
          'usage',
          `invalid stream "${name}" for --attach - must be one of stdin, stdout, or stderr: invalid argument`,
        )
    }
  }
  return streams
}
