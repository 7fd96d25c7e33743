import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { RawKernel } from './raw'
import { compileSeccomp, type SeccompFilter } from './seccomp'

const SAMPLES = 256

/**
 * A name for the file of a filter: FNV-1a over some of the bytes of its rules. Two filters that share a name cost each
 * other their place, no more: whether a file is of the filter is decided by comparing.
 */
const fileName = (source: Buffer): string => {
  const step = Math.max(1, Math.floor(source.length / SAMPLES))
  let hash = 0x811c9dc5
  for (let at = 0; at < source.length; at += step) hash = Math.imul(hash ^ (source[at] ?? 0), 0x01000193)
  return `${source.length.toString(16)}-${(hash >>> 0).toString(16)}`
}

const LENGTH = 4

/** The program of a cache file that only we can have written, and that is of exactly this filter. */
const readCached = (path: string, source: Buffer): Buffer | undefined => {
  let fd: number
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW)
  } catch {
    return undefined
  }
  try {
    const { uid, mode } = fstatSync(fd)
    if (uid !== process.geteuid?.() || (mode & 0o177777) !== 0o100600) return undefined
    const bytes = readFileSync(fd)
    const end = LENGTH + source.length
    if (bytes.length < end + 8 || bytes.readUInt32LE(0) !== source.length) return undefined
    return bytes.subarray(LENGTH, end).equals(source) ? bytes.subarray(end) : undefined
  } finally {
    closeSync(fd)
  }
}

const writeCached = (folder: string, path: string, source: Buffer, program: Buffer): void => {
  const length = Buffer.alloc(LENGTH)
  length.writeUInt32LE(source.length, 0)
  const draft = `${path}.${process.pid}`
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(draft, Buffer.concat([length, source, program]), { flag: 'wx', mode: 0o600 })
    renameSync(draft, path)
  } catch {
    // Without a cache each start takes 6 ms longer: no reason to fail.
    rmSync(draft, { force: true })
  }
}

/** compileSeccomp with its results kept in `folder`, which belongs to us alone. */
export const cachedSeccomp = (raw: RawKernel, filter: SeccompFilter, folder: string): Buffer | undefined => {
  const source = Buffer.from(JSON.stringify(filter))
  const path = `${folder}/${fileName(source)}`
  const known = readCached(path, source)
  if (known) return known
  const program = compileSeccomp(raw, filter)
  if (program) writeCached(folder, path, source, program)
  return program
}
