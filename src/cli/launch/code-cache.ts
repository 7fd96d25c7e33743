import {
  closeSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'

/**
 * V8's code cache of a bundle, so that a command need not compile it again. V8 trusts a cache: a damaged one may end
 * the process, a forged one runs as code. So it is only read from a folder of the same user that nobody else can
 * write to, it belongs to one build, Node and bundle, and its body is stored twice: two halves that are alike were
 * written to the end (comparing them is much faster than a checksum in JavaScript).
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

function header(length: number, source: SourceStamp): Buffer {
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
  if (lstatSync(dist).uid === uid) return join(dist, '.cache')
  // in the user namespace of an ordinary user his id is 0 as well
  if (uid === 0 && !process.env.TSPOD_ROOTLESS) return '/var/cache/tspod'
  return join(process.env.XDG_CACHE_HOME || join(process.env.HOME || '/nonexistent', '.cache'), 'tspod')
}

/** Another Node or other V8 options make another cache. */
function cacheFile({ dist, build, purpose }: CacheKey): string {
  const options = [...process.execArgv, process.env.NODE_OPTIONS || ''].join(' ').replace(/[^\w=.-]/g, '_')
  const folder = [build, process.version, process.arch, options].filter(Boolean).join('-').slice(0, 200)
  return join(cacheRoot(dist), folder, `${purpose.replace(/[^\w]/g, '-')}.bin`)
}

/** Only this user could have written to the folder. */
function isPrivate(folder: string): boolean {
  const stat = lstatSync(folder)
  return stat.isDirectory() && stat.uid === userId() && (stat.mode & PRIVATE) === 0
}

/** The cache, or undefined if there is none that can be trusted. */
export function readCache(key: CacheKey, source: SourceStamp): Buffer | undefined {
  try {
    const file = cacheFile(key)
    if (!isPrivate(dirname(file))) return undefined
    const bytes = readFileSync(file)
    const length = (bytes.length - HEADER) / 2
    if (length <= 0 || !header(length, source).equals(bytes.subarray(0, HEADER))) return undefined
    const body = bytes.subarray(HEADER, HEADER + length)
    return body.equals(bytes.subarray(HEADER + length)) ? body : undefined
  } catch {
    return undefined
  }
}

/** Keeps a cache for the next run. A cache is never worth a failure. */
export function writeCache(key: CacheKey, source: SourceStamp, body: Buffer): void {
  try {
    const file = cacheFile(key)
    const folder = dirname(file)
    if (mkdirSync(folder, { recursive: true, mode: 0o700 })) removeOtherBuilds(folder, key.build)
    if (!isPrivate(folder)) return
    const draft = `${file}.${process.pid}`
    const fd = openSync(draft, 'wx', 0o600)
    try {
      for (const part of [header(body.length, source), body, body]) writeWhole(fd, part)
      renameSync(draft, file)
    } catch {
      unlinkSync(draft)
    } finally {
      closeSync(fd)
    }
  } catch {
    // the next run compiles again
  }
}

function writeWhole(fd: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
}

function removeOtherBuilds(folder: string, build: string): void {
  const root = dirname(folder)
  for (const name of readdirSync(root)) {
    if (!name.startsWith(`${build}-`)) rmSync(join(root, name), { recursive: true, force: true })
  }
}

/** What identifies an open file for readCache and writeCache. */
export function stampOf(fd: number): SourceStamp {
  const { size, mtimeMs } = fstatSync(fd)
  return { size, mtimeMs }
}
