import { fstatSync, readSync } from 'node:fs'

/** The whole of an open file, wherever its descriptor stands. `readFileSync` does more, and takes a millisecond to do it first. */
export function readBytes(fd: number): Buffer {
  const bytes = Buffer.allocUnsafe(fstatSync(fd).size)
  for (let at = 0; at < bytes.length; ) {
    const count = readSync(fd, bytes, at, bytes.length - at, at)
    if (count === 0) throw new Error('a file of tspod ended early')
    at += count
  }
  return bytes
}
