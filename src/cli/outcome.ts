import { ManyErrors, type TspodError } from '../errors'
import type { Done, Outcome } from '../libpod'

/** Throws what failed; the successes have been printed. One failure stays what it is. */
export function throwErrors(errors: TspodError[]): void {
  const [first] = errors
  if (first === undefined) return
  throw errors.length === 1 ? first : new ManyErrors(errors)
}

/** Prints what each object was called by, or its id, then throws the failures. */
export function printDone(
  command: { print(line: string): void },
  outcome: Outcome<Done>,
  what: 'rawInput' | 'id' = 'rawInput',
): void {
  for (const result of outcome.results) command.print(result[what])
  throwErrors(outcome.errors)
}

/** Podman's `rm` ends with 1 where an object is not there, and with 2 where its state forbids it. */
export function setRemovalExitCode(errors: readonly TspodError[]): void {
  if (errors.some(({ code }) => code === 'not-found')) process.exitCode = 1
  else if (errors.some(({ code }) => code === 'state')) process.exitCode = 2
}
