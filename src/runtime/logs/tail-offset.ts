import { readSync } from 'node:fs'
import { isPartialAt, LONGEST_HEADER } from './record'

const NEWLINE = 10
const BLOCK = 64 << 10

const fill = (fd: number, bytes: Buffer, at: number, position: number, length: number): number => {
  let done = 0
  while (done < length) {
    const count = readSync(fd, bytes, at + done, length - done, position + done)
    if (count <= 0) break
    done += count
  }
  return done
}

/**
 * Where the last `lines` lines of a log of `size` bytes begin. A line is a record that ends one, with the partial ones
 * before it; partial records at the very end are a line too. Reads backwards, in blocks, no more than it takes.
 */
export const tailOffset = (fd: number, size: number, lines: number): number => {
  if (lines <= 0) return size
  // Each block is read with the beginning of what follows, so that the header of its last record is whole.
  const bytes = Buffer.allocUnsafe(BLOCK + LONGEST_HEADER)
  let found = 0
  let last = true
  let recordEnd = size
  for (let end = size; end > 0; end -= BLOCK) {
    const start = Math.max(0, end - BLOCK)
    const read = fill(fd, bytes, 0, start, Math.min(size, end + LONGEST_HEADER) - start)
    const from = Math.min(end, start + read) - 1 - start
    for (let at = from; at >= -1; at--) {
      if (at === -1 ? start > 0 : bytes[at] !== NEWLINE) continue
      const record = start + at + 1
      if (record < recordEnd) {
        if (last || !isPartialAt(bytes, at + 1, read)) found++
        if (found > lines) return recordEnd
        last = false
        recordEnd = record
      }
    }
  }
  return 0
}
