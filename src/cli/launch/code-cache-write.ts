import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { type CacheKey, cacheFile, cacheFolder, header, isPrivate, type SourceStamp } from './code-cache'

/** Keeps a cache for the next run. A cache is never worth a failure. */
export function writeCache(key: CacheKey, source: SourceStamp, body: Buffer): void {
  try {
    const folder = cacheFolder(key)
    if (mkdirSync(folder, { recursive: true, mode: 0o700 })) removeOtherBuilds(folder, key.build)
    if (!isPrivate(folder)) return
    const file = cacheFile(folder, key.purpose)
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
