import { fstatSync, readSync } from 'node:fs'

/** Reads `count` bytes from a place in an open file into the beginning of `bytes`. */
export function readInto(fd: number, bytes: Buffer, from: number, count: number): void {
  for (let at = 0; at < count; ) {
    const got = readSync(fd, bytes, at, count - at, from + at)
    if (got === 0) throw new Error('a file of tspod ended early')
    at += got
  }
}

/**
 * A part of an open file, or the whole, wherever its descriptor stands. `readFileSync` does more, and takes a
 * millisecond to do it first.
 */
export function readBytes(fd: number, from = 0, count = fstatSync(fd).size): Buffer {
  const bytes = Buffer.allocUnsafe(count)
  readInto(fd, bytes, from, count)
  return bytes
}
