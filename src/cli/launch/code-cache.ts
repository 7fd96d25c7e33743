import { closeSync, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs'
import { readBytes, readInto } from './read-bytes'

/**
 * What a command needed of a bundle, with V8's code cache: it need not be read and compiled again. V8 trusts a cache: a
 * damaged one may end the process, a forged one runs as code. So it is only read from a folder of the same user that
 * nobody else can write to, it belongs to one build, Node and bundle, and its body is stored twice: two halves that
 * are alike were written to the end (comparing them is much faster than a checksum in JavaScript).
 */
export interface CacheKey {
  /** The folder of dist/, where the cache lies if it belongs to the user. */
  dist: string
  /** The build's name. */
  build: string
  /** What runs: functions compiled for one command are of no use to another. */
  purpose: string
}

/** Identifies the bundle's file: its size and time of change. */
export interface SourceStamp {
  size: number
  mtimeMs: number
}

const MAGIC = 0x31435354
const HEADER = 32
const PRIVATE = 0o077
const PIECE = 64 << 10

export function header(length: number, source: SourceStamp): Buffer {
  const bytes = Buffer.alloc(HEADER)
  bytes.writeUInt32LE(MAGIC, 0)
  bytes.writeUInt32LE(length, 4)
  bytes.writeDoubleLE(source.size, 8)
  bytes.writeDoubleLE(source.mtimeMs, 16)
  return bytes
}

const userId = (): number => (process.geteuid ? process.geteuid() : -1)

/** Where this user may keep a cache. */
function cacheRoot(dist: string): string {
  const uid = userId()
  if (lstatSync(dist).uid === uid) return `${dist}/.cache`
  // in the user namespace of an ordinary user his id is 0 as well
  if (uid === 0 && !process.env.TSPOD_ROOTLESS) return '/var/cache/tspod'
  return `${process.env.XDG_CACHE_HOME || `${process.env.HOME || '/nonexistent'}/.cache`}/tspod`
}

/** The folder of a build's caches. Another Node or other V8 options make another cache. */
export function cacheFolder({ dist, build }: Pick<CacheKey, 'dist' | 'build'>): string {
  const options = [...process.execArgv, process.env.NODE_OPTIONS || ''].join(' ').replace(/[^\w=.-]/g, '_')
  const name = [build, process.version, process.arch, options].filter(Boolean).join('-').slice(0, 200)
  return `${cacheRoot(dist)}/${name}`
}

export const cacheFile = (folder: string, purpose: string): string =>
  `${folder}/${purpose.replace(/[^\w]/g, '-')}.bin`

/** Names the commands whose code a purpose's cache has, where it serves several. */
export const commandsFile = (folder: string, purpose: string): string =>
  cacheFile(folder, `${purpose}-commands`)

export function keptCommands(folder: string, purpose: string): string[] {
  try {
    return readFileSync(commandsFile(folder, purpose), 'latin1').split('\n')
  } catch {
    return []
  }
}

/** Only this user could have written to the folder. */
export function isPrivate(folder: string): boolean {
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && stat.uid === userId() && (stat.mode & PRIVATE) === 0
}

/** The folder of a build's caches, if there is one that can be trusted. */
export function trustedFolder(key: Pick<CacheKey, 'dist' | 'build'>): string | undefined {
  try {
    const folder = cacheFolder(key)
    return isPrivate(folder) ? folder : undefined
  } catch {
    return undefined
  }
}

// The second half is looked at piece by piece: it takes less memory, and so less time.
function readBody(fd: number, source: SourceStamp): Buffer | undefined {
  const { size } = fstatSync(fd)
  const length = (size - HEADER) / 2
  if (!(length > 0)) return undefined
  const bytes = readBytes(fd, 0, HEADER + length)
  if (!header(length, source).equals(bytes.subarray(0, HEADER))) return undefined
  const body = bytes.subarray(HEADER)
  const piece = Buffer.allocUnsafe(Math.min(PIECE, length))
  for (let at = 0; at < length; at += PIECE) {
    const count = Math.min(PIECE, length - at)
    readInto(fd, piece, HEADER + length + at, count)
    if (piece.compare(body, at, at + count, 0, count) !== 0) return undefined
  }
  return body
}

/** The cache for a purpose in a trusted folder, or undefined if there is none that is whole and fits the bundle. */
export function readCache(folder: string, purpose: string, source: SourceStamp): Buffer | undefined {
  try {
    const fd = openSync(cacheFile(folder, purpose), 'r')
    try {
      return readBody(fd, source)
    } finally {
      closeSync(fd)
    }
  } catch {
    return undefined
  }
}

/** What identifies an open file for readCache and writeCache. */
export function stampOf(fd: number): SourceStamp {
  const { size, mtimeMs } = fstatSync(fd)
  return { size, mtimeMs }
}
