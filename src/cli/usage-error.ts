import { TspodError } from '../errors'
import { UnknownFlag } from './pflag'

/** Adds Podman's second line to a mistake in the command line. */
export function usageError(error: unknown, commandPath: string): unknown {
  if (!(error instanceof TspodError) || error.code !== 'usage') return error
  return new TspodError('usage', `${error.message}\nSee '${commandPath} --help'`, error.context, error.cause)
}

/** A flag that Podman has and tspod has not is named as such, not as unknown. */
export async function explainUnknownFlag(error: unknown, command: string): Promise<unknown> {
  if (!(error instanceof UnknownFlag)) return error
  const { isPodmanFlag } = await import('./unsupported')
  if (!isPodmanFlag(command.replaceAll(':', ' '), error.flag)) return error
  return new TspodError('unsupported', `${error.flag} is not supported by tspod yet`)
}

/** The same for a flag that stands before the command's name. */
export async function explainUnknownGlobal(error: unknown): Promise<unknown> {
  if (!(error instanceof UnknownFlag)) return error
  const { isPodmanGlobal } = await import('./unsupported')
  if (!isPodmanGlobal(error.flag)) return error
  return new TspodError('unsupported', `${error.flag} is not supported by tspod yet`)
}
