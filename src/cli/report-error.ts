import { ManyErrors, TspodError } from '../errors'
import { writeErr } from './output'

/**
 * Ends a command early: with a container's exit code, or after an error was printed, which is its cause then. oclif
 * knows it as an exit of its own, and prints nothing of it.
 */
export class CommandExit extends Error {
  readonly exitCode: number
  readonly code = 'EEXIT'
  readonly oclif: { exit: number }
  readonly skipOclifErrorHandling = true

  constructor(exitCode: number, cause?: unknown) {
    super(`exit ${exitCode}`, cause === undefined ? undefined : { cause })
    this.exitCode = exitCode
    this.oclif = { exit: exitCode }
  }
}

/** Podman prints a few failures without `Error: ` in front, and exits with 1. */
export class BareError extends TspodError {
  override get exitCode(): number {
    return 1
  }
}

const OWN_FAILURE = 125

/** What the user reads, one line an error; usage errors may carry Podman's second line with them. */
export function errorLines(error: TspodError): string[] {
  if (error instanceof ManyErrors) return error.errors.flatMap(errorLines)
  if (error instanceof BareError) return [error.message]
  const { hint } = error.context
  return [`Error: ${error.message}${hint ? `; ${hint}` : ''}`]
}

/** Prints a failure, and returns the exit code. Anything but a TspodError is a bug and shows its stack. */
export function reportError(error: unknown): number {
  if (error instanceof TspodError) {
    writeErr(`${errorLines(error).join('\n')}\n`)
    return Number(process.exitCode) || error.exitCode
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  writeErr(`Error: this is a bug in tspod, please report it\n${stack}\n`)
  return OWN_FAILURE
}
