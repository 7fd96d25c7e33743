import { TspodError } from '../errors'
import { quote } from './go-quote'

/** Values by filter, such as `{ label: ['a=b'], 'label!': ['c'] }`. */
export type Filters = Record<string, string[]>

/** `--filter key=value`; `label!=x` becomes the key `label!`. What the keys mean is the engine's. */
export function parseFilters(given: readonly string[]): Filters {
  return collect(given, (text) => `invalid filter ${quote(text)}`)
}

/** The same in the words of `pod ps`, `images` and the prune commands. */
export function parseInputFilters(given: readonly string[]): Filters {
  return collect(given, (text) => `filter input must be in the form of filter=value: ${text} is invalid`)
}

function collect(given: readonly string[], complaint: (text: string) => string): Filters {
  const filters: Filters = {}
  for (const text of given) {
    const equals = text.indexOf('=')
    if (equals < 0) throw new TspodError('usage', complaint(text))
    const key = text.slice(0, equals)
    filters[key] = [...(filters[key] ?? []), text.slice(equals + 1)]
  }
  return filters
}
