import { FineDate } from './go-time'
import { asMap, asStruct, nilMap, nilSlice } from './template'

/** How the objects of a result stand for Go's, where their keys do not tell. */
export interface Shape {
  /** Fields that hold maps; all other objects are structs. */
  maps: ReadonlySet<string>
  /** Fields that hold times in RFC 3339. */
  times: ReadonlySet<string>
  /** Go's name of a field that JSON calls otherwise. Templates know both. */
  goName(key: string): string | undefined
  /** Fields that JSON leaves out while they are empty, by the name of their struct; templates always have them. */
  omitted?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
}

/** What templates know and JSON does not print. */
const hide = (target: object, name: string, value: unknown): void => {
  Object.defineProperty(target, name, { value, enumerable: false })
}

function member(key: string, value: unknown, shape: Shape): unknown {
  if (value === null) return shape.maps.has(key) ? nilMap() : nilSlice()
  if (typeof value === 'string' && value !== '' && shape.times.has(key)) return new FineDate(value)
  if (Array.isArray(value)) return value.map((item) => member('', item, shape))
  if (typeof value !== 'object') return value
  return shape.maps.has(key) ? map(value, shape) : struct(value, shape, key)
}

const map = (value: object, shape: Shape): object =>
  asMap(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, member('', item, shape)])))

function struct(value: object, shape: Shape, key: string): object {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  const shaped = Object.fromEntries(entries.map(([name, item]) => [name, member(name, item, shape)]))
  for (const [name, empty] of Object.entries(shape.omitted?.[key] ?? {})) {
    if (!Object.hasOwn(shaped, name)) hide(shaped, name, member(name, empty, shape))
  }
  for (const name of Object.getOwnPropertyNames(shaped)) {
    const goName = shape.goName(name)
    if (goName !== undefined) hide(shaped, goName, (shaped as Record<string, unknown>)[name])
  }
  return asStruct(shaped, 'interface {}')
}

/** The key under which `omitted` has the fields of the result itself. */
export const TOP = 'result'

/** A copy of a result that templates and JSON treat as the Go value that Podman has in its place. */
export const goShape = (value: object, shape: Shape): object => struct(value, shape, TOP)
