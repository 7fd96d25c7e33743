import { toJson } from '../go-json'
import { compareFunctions } from './compare'
import { CallError } from './errors'
import { printValue } from './print'
import { sprintf } from './printf'
import { entriesOf, isTrue, kindOf, mapEntry, typeName } from './values'

type TemplateFunction = (...args: never[]) => unknown
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
      throw new CallError('reflect: call of reflect.Value.Type on zero Value')
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

const title = (value: string): string =>
  value.replace(
    /(^|[^\p{L}\p{N}_])(\p{L})/gu,
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

function call(method: unknown, ...args: unknown[]): unknown {
  if (method == null) throw new CallError('call of nil')
  if (typeof method !== 'function') throw new CallError(`non-function of type ${typeName(method)}`)
  return method(...args)
}

/** Go's built-in functions but `and` and `or`, which the evaluator has because they stop early. */
const builtins = {
  ...compareFunctions,
  call,
  html: (...args: unknown[]) => print(...args).replace(/["'&<>]/g, (char) => HTML[char] ?? char),
  index,
  js: (...args: unknown[]) => js(print(...args)),
  len: length,
  not: (value: unknown) => !isTrue(value),
  print,
  printf: (format: string, ...args: unknown[]) => sprintf(format, args),
  println: (...args: unknown[]) => `${args.map((arg) => printValue(arg)).join(' ')}\n`,
  slice,
  urlquery: (...args: unknown[]) => urlquery(print(...args)),
}

/** The functions Podman adds. The evaluator has checked the types of their arguments. */
const podman = {
  join: (items: string[] | null | undefined, separator: string) => (items ?? []).join(separator),
  json: (value: unknown) => toJson(value),
  lower: (value: string) => value.toLowerCase(),
  pad: (value: string, before: number, after: number) =>
    value === '' ? '' : ' '.repeat(before) + value + ' '.repeat(after),
  split: (value: string, separator: string) => value.split(separator),
  title,
  truncate: (value: string, limit: number) => Buffer.from(value).subarray(0, limit).toString(),
  upper: (value: string) => value.toUpperCase(),
}

export type Parameter = 'string' | '[]string' | 'int' | 'any'

/** What the functions with a fixed number of parameters take. */
export const PARAMETERS: Record<string, Parameter[] | undefined> = {
  join: ['[]string', 'string'],
  json: ['any'],
  len: ['any'],
  lower: ['string'],
  not: ['any'],
  pad: ['string', 'int', 'int'],
  split: ['string', 'string'],
  title: ['string'],
  truncate: ['string', 'int'],
  upper: ['string'],
  ge: ['any', 'any'],
  gt: ['any', 'any'],
  le: ['any', 'any'],
  lt: ['any', 'any'],
  ne: ['any', 'any'],
}

/** Whether a value can be handed to a parameter. A nil slice is an empty one. */
export function fits(value: unknown, parameter: Parameter): boolean {
  switch (parameter) {
    case 'string':
      return typeof value === 'string'
    case 'int':
      return typeof value === 'number'
    case '[]string':
      return value == null || (Array.isArray(value) && value.every((item) => typeof item === 'string'))
    default:
      return true
  }
}

export const defaultFunctions: Functions = { ...builtins, ...podman }
