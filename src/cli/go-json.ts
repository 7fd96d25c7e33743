import { formatRfc3339 } from './go-time'
import { entriesOf, isTypedNil, kindOf } from './template/values'

export interface JsonOptions {
  /** What one level is indented with; one line without it. */
  indent?: string
  /** Go's Marshal writes `<`, `>` and `&` as \u003c and so on; Podman's templates don't. */
  escapeHtml?: boolean
}

/** Go's JSON: keys of maps sorted, fields of structs in their order, times in RFC 3339. */
export function toJson(value: unknown, options: JsonOptions = {}): string {
  const text = JSON.stringify(plain(value), undefined, options.indent) ?? 'null'
  const safe = text.replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
  return options.escapeHtml
    ? safe.replace(/[<>&]/g, (char) => `\\u00${char.charCodeAt(0).toString(16)}`)
    : safe
}

function plain(value: unknown): unknown {
  if (isTypedNil(value)) return null
  switch (kindOf(value)) {
    case 'time':
      return formatRfc3339(value as Date)
    case 'slice':
      return [...(value as unknown[])].map((item) => plain(item) ?? null)
    case 'map':
      return members(entriesOf(value))
    case 'struct':
      return members(Object.entries(value as object))
    case 'number':
      return typeof value === 'bigint' ? Number(value) : value
    case 'func':
      return undefined
    default:
      return value
  }
}

const members = (entries: [string, unknown][]): object =>
  Object.fromEntries(
    entries.map(([key, item]) => [key, plain(item)]).filter(([, item]) => item !== undefined),
  )
