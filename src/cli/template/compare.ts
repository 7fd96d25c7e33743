import { CallError } from './errors'
import { kindOf } from './values'

const isBasic = (value: unknown): boolean =>
  ['bool', 'number', 'string', 'nil', 'time'].includes(kindOf(value))

function equal(a: unknown, b: unknown): boolean {
  if (a == null || b == null) return a == null && b == null
  if (!isBasic(a) || !isBasic(b)) throw new CallError('non-comparable types for comparison')
  if (kindOf(a) !== kindOf(b)) throw new CallError('incompatible types for comparison')
  if (a instanceof Date && b instanceof Date) return a.getTime() === b.getTime()
  return a === b
}

function less(a: unknown, b: unknown): boolean {
  const kind = kindOf(a)
  if (kind !== 'number' && kind !== 'string') throw new CallError('invalid type for comparison')
  if (kindOf(b) !== kind) throw new CallError('incompatible types for comparison')
  if (kind === 'number') return Number(a) < Number(b)
  return Buffer.compare(Buffer.from(a as string), Buffer.from(b as string)) < 0
}

export const compareFunctions = {
  /** True if the first equals any of the others. */
  eq: (first: unknown, ...others: unknown[]): boolean => {
    if (others.length === 0) throw new CallError('missing argument for comparison')
    return others.some((other) => equal(first, other))
  },
  ne: (a: unknown, b: unknown): boolean => !equal(a, b),
  lt: less,
  le: (a: unknown, b: unknown): boolean => less(a, b) || equal(a, b),
  gt: (a: unknown, b: unknown): boolean => !less(a, b) && !equal(a, b),
  ge: (a: unknown, b: unknown): boolean => !less(a, b),
}
