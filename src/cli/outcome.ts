import { ManyErrors, type TspodError } from '../errors'
import type { Outcome } from '../libpod'

/** Throws what failed; the successes have been printed. One failure stays what it is. */
export function throwErrors(errors: TspodError[]): void {
  const [first] = errors
  if (first === undefined) return
  throw errors.length === 1 ? first : new ManyErrors(errors)
}

/** Prints one line for each success, then throws the failures. */
export function printOutcome<T>(
  outcome: Outcome<T>,
  print: (line: string) => void,
  line: (result: T) => string,
): void {
  for (const result of outcome.results) print(line(result))
  throwErrors(outcome.errors)
}

/** Podman's `rm` ends with 1 where an object is not there, and with 2 where its state forbids it. */
export function setRemovalExitCode(errors: readonly TspodError[]): void {
  if (errors.some(({ code }) => code === 'not-found')) process.exitCode = 1
  else if (errors.some(({ code }) => code === 'state')) process.exitCode = 2
}
