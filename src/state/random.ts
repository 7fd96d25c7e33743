import { closeSync, openSync, readSync } from 'node:fs'

/** Bytes of urandom(4). `node:crypto` has the same, but takes 3 ms to load. */
export const randomBytes = (count: number): Buffer => {
  const bytes = Buffer.alloc(count)
  const fd = openSync('/dev/urandom', 'r')
  try {
    for (let at = 0; at < count; ) at += readSync(fd, bytes, at, count - at, null)
    return bytes
  } finally {
    closeSync(fd)
  }
}

const RANGE = 2 ** 32

/** A whole number from 0 to below `limit`, which is at most 2^32; each as likely as any other. */
export const randomBelow = (limit: number): number => {
  // What lies above the last whole multiple would make small numbers likelier.
  const usable = RANGE - (RANGE % limit)
  for (;;) {
    const number = randomBytes(4).readUInt32LE(0)
    if (number < usable) return number % limit
  }
}
