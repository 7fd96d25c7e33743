import { TspodError } from '../../errors'
import { parseUntil } from '../until'

export type Test<T> = (one: T) => boolean

/** Values by key; `label!=x` is the key `label!`. */
export const readFilters = (given: readonly string[]): Map<string, string[]> => {
  const filters = new Map<string, string[]>()
  for (const text of given) {
    const at = text.indexOf('=')
    if (at < 0) throw new TspodError('usage', `invalid filter ${JSON.stringify(text)}`)
    const key = text.slice(0, at)
    filters.set(key, [...(filters.get(key) ?? []), text.slice(at + 1)])
  }
  return filters
}

export const matchesRegex = (text: string, expressions: readonly string[]): boolean =>
  expressions.some((expression) => {
    try {
      return new RegExp(expression).test(text)
    } catch {
      return false
    }
  })

export const matchesId = (id: string, values: readonly string[]): boolean =>
  values.some((value) => (/^[0-9a-f]+$/.test(value) ? id.startsWith(value) : matchesRegex(id, [value])))

// Podman lets a `*` stand for anything, and then matches anywhere.
const matchesKey = (pattern: string, key: string): boolean =>
  pattern === key ||
  (pattern.includes('*') &&
    new RegExp(
      pattern
        .split('*')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*'),
    ).test(key))

export const hasLabel = (labels: Record<string, string>, wanted: string): boolean => {
  const [key = '', ...rest] = wanted.split('=')
  const value = rest.join('=')
  return Object.entries(labels).some(
    ([name, text]) => (value === '' || value === text) && matchesKey(key, name),
  )
}

export const hasLabels = (labels: Record<string, string>, wanted: readonly string[]): boolean =>
  wanted.every((one) => hasLabel(labels, one))

export const oneMoment = (values: readonly string[]): number => {
  const [value] = values
  if (values.length !== 1 || value === undefined)
    throw new TspodError('invalid', 'specify exactly one timestamp for until')
  return parseUntil(value)
}

export const checkAll = (
  values: readonly string[],
  known: readonly string[],
  complaint: (value: string) => string,
) => {
  const wrong = values.find((value) => !known.includes(value))
  if (wrong !== undefined) throw new TspodError('invalid', complaint(wrong))
}

export const shownStatus = (status: string): string => (status === 'stopped' ? 'exited' : status)
