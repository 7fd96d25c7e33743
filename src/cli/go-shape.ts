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
}

function member(key: string, value: unknown, shape: Shape): unknown {
  if (value === null) return shape.maps.has(key) ? nilMap() : nilSlice()
  if (typeof value === 'string' && value !== '' && shape.times.has(key)) return new FineDate(value)
  if (Array.isArray(value)) return value.map((item) => member('', item, shape))
  if (typeof value !== 'object') return value
  return shape.maps.has(key) ? map(value, shape) : struct(value, shape)
}

const map = (value: object, shape: Shape): object =>
  asMap(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, member('', item, shape)])))

function struct(value: object, shape: Shape): object {
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  const shaped = Object.fromEntries(entries.map(([key, item]) => [key, member(key, item, shape)]))
  for (const key of Object.keys(shaped)) {
    const name = shape.goName(key)
    // not enumerable, so that JSON has the field once
    if (name !== undefined) Object.defineProperty(shaped, name, { value: shaped[key], enumerable: false })
  }
  return asStruct(shaped, 'interface {}')
}

/** A copy of a result that templates and JSON treat as the Go value that Podman has in its place. */
export const goShape = (value: object, shape: Shape): object => struct(value, shape)
