import { isTspodError, type TspodError } from '../errors'
import type { Outcome } from './api/common'

/** Passes an error of ours on as data; anything else is a bug and flies on. */
export const asTspodError = (error: unknown): TspodError => {
  if (isTspodError(error)) return error
  throw error
}

const AT_ONCE = 16

/**
 * Carries a verb out on several objects, some at a time, and gives what succeeded and what failed in the order of the
 * objects. A result that is undefined is left out.
 */
export const forEach = async <T, R>(
  objects: readonly T[],
  act: (object: T) => Promise<R | undefined>,
  before: TspodError[] = [],
  atOnce = AT_ONCE,
): Promise<Outcome<R>> => {
  const ends: ({ result: R | undefined } | { error: TspodError })[] = []
  let next = 0
  const work = async () => {
    for (let index = next++; index < objects.length; index = next++) {
      ends[index] = await act(objects[index]!).then(
        (result) => ({ result }),
        (error: unknown) => ({ error: asTspodError(error) }),
      )
    }
  }
  await Promise.all(Array.from({ length: Math.min(atOnce, objects.length) }, work))
  const outcome: Outcome<R> = { results: [], errors: [...before] }
  for (const end of ends) {
    if ('error' in end) outcome.errors.push(end.error)
    else if (end.result !== undefined) outcome.results.push(end.result)
  }
  return outcome
}
