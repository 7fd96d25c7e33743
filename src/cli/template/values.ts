/**
 * How plain JavaScript values stand for Go's in templates: an array is a slice; an object whose keys all begin with a
 * capital is a struct (asking for another field is an error); any other object and every Map is a map (a missing key
 * gives `<no value>`); a Date is a time; a function is a method; null is nil. `asMap` and `asStruct` decide where the
 * keys can't.
 */
const SHAPE = Symbol('go shape')

interface Shape {
  kind: 'map' | 'struct' | 'slice'
  type?: string
  nil?: boolean
}

export type Kind = 'nil' | 'bool' | 'number' | 'string' | 'slice' | 'map' | 'struct' | 'func' | 'time'

function mark<T extends object>(value: T, shape: Shape): T {
  return Object.defineProperty(value, SHAPE, { value: shape, enumerable: false, configurable: true })
}

/** Says that an object is a map, whatever its keys look like. */
export const asMap = <T extends object>(value: T): T => mark(value, { kind: 'map' })

/** Says that an object is a struct, and what error messages call its type. */
export const asStruct = <T extends object>(value: T, type?: string): T =>
  mark(value, { kind: 'struct', type })

/** Go's nil map, which prints as `map[]` and is null in JSON. */
export const nilMap = (): object => mark({}, { kind: 'map', nil: true })

/** Go's nil slice, which prints as `[]` and is null in JSON. */
export const nilSlice = (): unknown[] => mark([], { kind: 'slice', nil: true })

export const isTypedNil = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && shapeOf(value)?.nil === true

const shapeOf = (value: object): Shape | undefined => (value as { [SHAPE]?: Shape })[SHAPE]

/** The expression for letters beyond ASCII takes V8 long to compile. */
const isCapital = (name: string): boolean =>
  /^[A-Z]/.test(name) || (name.charCodeAt(0) > 127 && /^\p{Lu}/u.test(name))

function objectKind(value: object): Kind {
  if (Array.isArray(value) || ArrayBuffer.isView(value)) return 'slice'
  if (value instanceof Date) return 'time'
  if (value instanceof Map) return 'map'
  const shape = shapeOf(value)
  if (shape) return shape.kind
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return 'struct'
  const keys = Object.keys(value)
  return keys.length > 0 && keys.every(isCapital) ? 'struct' : 'map'
}

export function kindOf(value: unknown): Kind {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'number':
    case 'bigint':
      return 'number'
    case 'boolean':
      return 'bool'
    case 'function':
      return 'func'
    case 'object':
      return value === null ? 'nil' : objectKind(value)
    default:
      return 'nil'
  }
}

/** What error messages call a value's type. */
export function typeName(value: unknown): string {
  const names = { bool: 'bool', string: 'string', func: 'func()', time: 'time.Time', nil: 'interface {}' }
  const kind = kindOf(value)
  if (kind === 'number') return typeof value === 'number' && !Number.isInteger(value) ? 'float64' : 'int'
  if (kind === 'slice') return `[]${elementType([...(value as unknown[])])}`
  if (kind === 'map') return `map[string]${elementType(entriesOf(value).map(([, entry]) => entry))}`
  if (kind !== 'struct') return names[kind]
  const object = value as object
  const shape = shapeOf(object)
  if (shape?.type) return shape.type
  const named = object.constructor?.name
  return named && named !== 'Object' ? named : 'struct'
}

function elementType(values: unknown[]): string {
  const types = new Set(values.map(typeName))
  const [only] = types
  return types.size === 1 && only !== undefined ? only : 'interface {}'
}

/** A map's entries in the order Go prints and walks them. */
export function entriesOf(value: unknown): [string, unknown][] {
  const entries: [unknown, unknown][] = value instanceof Map ? [...value] : Object.entries(value as object)
  if (entries.every(([key]) => typeof key === 'number')) {
    return entries.sort(([a], [b]) => Number(a) - Number(b)) as unknown as [string, unknown][]
  }
  return (entries as [string, unknown][]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

/** A map's entry; undefined if there is none. */
export function mapEntry(map: unknown, key: unknown): unknown {
  if (map instanceof Map) return map.get(key)
  return Object.hasOwn(map as object, String(key)) ? (map as Record<string, unknown>)[String(key)] : undefined
}

/** Whether a struct has the field or method. Only capital names exist, so JavaScript's own members don't. */
export function hasMember(struct: unknown, name: string): boolean {
  return Object.hasOwn(struct as object, name) || (isCapital(name) && name in (struct as object))
}

/** Go's idea of truth for `if`, `and`, `or` and `not`. */
export function isTrue(value: unknown): boolean {
  switch (kindOf(value)) {
    case 'nil':
      return false
    case 'slice':
      return (value as unknown[]).length > 0
    case 'map':
      return entriesOf(value).length > 0
    case 'struct':
    case 'func':
    case 'time':
      return true
    default:
      return Boolean(value)
  }
}
