/** glibc's list of where libraries are (ld.so.cache), in its current form, alone or after the old one. */
import { readFileSync } from 'node:fs'

const MAGIC = 'glibc-ld.so.cache1.1'
const HEADER = 48
const ENTRY = 24

/** Paths by library name, in the order in which the loader tries them. */
export const parseLdCache = (bytes: Buffer): Map<string, string[]> => {
  const paths = new Map<string, string[]>()
  const start = bytes.indexOf(MAGIC, 0, 'latin1')
  if (start === -1) return paths
  const cache = bytes.subarray(start)
  const text = (at: number) => cache.toString('latin1', at, cache.indexOf(0, at))
  const count = cache.readUInt32LE(MAGIC.length)
  for (let index = 0; index < count; index++) {
    const at = HEADER + index * ENTRY
    if (at + ENTRY > cache.length) break
    const name = text(cache.readUInt32LE(at + 4))
    paths.set(name, [...(paths.get(name) ?? []), text(cache.readUInt32LE(at + 8))])
  }
  return paths
}

export const readLdCache = (path = '/etc/ld.so.cache'): Map<string, string[]> => {
  try {
    return parseLdCache(readFileSync(path))
  } catch {
    return new Map()
  }
}
