import { toJson } from '../go-json'
import { compareFunctions } from './compare'
import { CallError } from './errors'
import { printValue } from './print'
import { sprintf } from './printf'
import { entriesOf, isTrue, kindOf, mapEntry, typeName } from './values'

export type TemplateFunction = (...args: never[]) => unknown
export type Functions = Record<string, TemplateFunction>

const HTML: Record<string, string> = { '"': '&#34;', "'": '&#39;', '&': '&amp;', '<': '&lt;', '>': '&gt;' }

const print = (...args: unknown[]): string =>
  args
    .map((arg, index) => {
      const gap = index > 0 && typeof arg !== 'string' && typeof args[index - 1] !== 'string'
      return (gap ? ' ' : '') + printValue(arg)
    })
    .join('')

function length(value: unknown): number {
  switch (kindOf(value)) {
    case 'string':
      return Buffer.byteLength(value as string)
    case 'slice':
      return (value as unknown[]).length
    case 'map':
      return entriesOf(value).length
    case 'nil':
      throw new CallError('len of nil pointer')
    default:
      throw new CallError(`len of type ${typeName(value)}`)
  }
}

function position(index: unknown, limit: number): number {
  if (kindOf(index) !== 'number') throw new CallError(`cannot index slice/array with type ${typeName(index)}`)
  const at = Number(index)
  if (at < 0 || at >= limit) throw new CallError(`index out of range: ${at}`)
  return at
}

function index(value: unknown, ...indexes: unknown[]): unknown {
  return indexes.reduce<unknown>((item, at) => {
    switch (kindOf(item)) {
      case 'nil':
        throw new CallError('index of untyped nil')
      case 'slice':
        return (item as unknown[])[position(at, (item as unknown[]).length)]
      case 'string':
        return Buffer.from(item as string)[position(at, Buffer.byteLength(item as string))]
      case 'map':
        return mapEntry(item, at) ?? zeroOf(item)
      default:
        throw new CallError(`can't index item of type ${typeName(item)}`)
    }
  }, value)
}

/** What Go's index gives for a missing key: the zero value of the map's elements. */
function zeroOf(map: unknown): unknown {
  const kinds = new Set(entriesOf(map).map(([, entry]) => kindOf(entry)))
  if (kinds.size !== 1) return kinds.size === 0 ? '' : undefined
  const [kind] = kinds
  if (kind === 'string') return ''
  if (kind === 'number') return 0
  return kind === 'bool' ? false : undefined
}

function slice(value: unknown, ...bounds: unknown[]): unknown {
  const kind = kindOf(value)
  if (kind !== 'string' && kind !== 'slice')
    throw new CallError(`can't slice item of type ${typeName(value)}`)
  const whole = kind === 'string' ? Buffer.from(value as string) : (value as unknown[])
  const [from = 0, to = whole.length] = bounds.map((bound) => position(bound, whole.length + 1))
  if (from > to) throw new CallError(`invalid slice index: ${from} > ${to}`)
  const part = whole.slice(from, to)
  return kind === 'string' ? part.toString() : part
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new CallError(`wrong type for value; expected string; got ${typeName(value)}`, { cause: name })
}

function list(value: unknown): string[] {
  if (kindOf(value) === 'slice' && (value as unknown[]).every((item) => typeof item === 'string')) {
    return value as string[]
  }
  if (value == null) return []
  throw new CallError(`wrong type for value; expected []string; got ${typeName(value)}`)
}

const title = (value: string): string =>
  value.replace(
    /(^|[^\p{L}\p{N}_'])(\p{L})/gu,
    (_, before: string, letter: string) => before + letter.toUpperCase(),
  )

const js = (value: string): string =>
  value
    .replace(/[\\'"<>&=]/g, (char) =>
      '<>&='.includes(char) ? `\\u00${char.charCodeAt(0).toString(16).toUpperCase()}` : `\\${char}`,
    )
    .replace(/\n/g, '\\n')
    .replace(/\r/g, '\\r')
    .replace(/\t/g, '\\t')
    .replace(/[\0-\x1f]/g, (char) => `\\u${char.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`)

const urlquery = (value: string): string =>
  encodeURIComponent(value)
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+')

/** Go's built-in functions but `and` and `or`, which the evaluator has because they stop early. */
const builtins = {
  ...compareFunctions,
  call: (method: (...args: unknown[]) => unknown, ...args: unknown[]) => method(...args),
  html: (...args: unknown[]) => print(...args).replace(/["'&<>]/g, (char) => HTML[char] ?? char),
  index,
  js: (...args: unknown[]) => js(print(...args)),
  len: length,
  not: (value: unknown) => !isTrue(value),
  print,
  printf: (format: unknown, ...args: unknown[]) => sprintf(text('printf', format), args),
  println: (...args: unknown[]) => `${args.map((arg) => printValue(arg)).join(' ')}\n`,
  slice,
  urlquery: (...args: unknown[]) => urlquery(print(...args)),
}

/** The functions Podman adds. */
const podman = {
  join: (items: unknown, separator: unknown) => list(items).join(text('join', separator)),
  json: (value: unknown) => toJson(value),
  lower: (value: unknown) => text('lower', value).toLowerCase(),
  pad: (value: unknown, before: number, after: number) =>
    value === '' ? '' : ' '.repeat(before) + text('pad', value) + ' '.repeat(after),
  split: (value: unknown, separator: unknown) => text('split', value).split(text('split', separator)),
  title: (value: unknown) => title(text('title', value)),
  truncate: (value: unknown, limit: number) =>
    Buffer.from(text('truncate', value)).subarray(0, limit).toString(),
  upper: (value: unknown) => text('upper', value).toUpperCase(),
}

/** How many arguments the functions with a fixed number want. */
export const ARGUMENTS: Record<string, number | undefined> = {
  join: 2,
  json: 1,
  len: 1,
  lower: 1,
  not: 1,
  pad: 3,
  split: 2,
  title: 1,
  truncate: 2,
  upper: 1,
  ge: 2,
  gt: 2,
  le: 2,
  lt: 2,
  ne: 2,
}

export const defaultFunctions: Functions = { ...builtins, ...podman }
