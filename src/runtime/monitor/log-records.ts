import type { OutputStream } from '../messages'

/**
 * Writes a container's output as records of the k8s-file format: `<time> <stream> F <line>`, or `P` for a piece of a
 * line that has no end yet. This is where 200 MB a second go through, so it makes no garbage.
 */
export interface RecordWriter {
  /** Formats the bytes from `start` to `end`; what doesn't fit into the buffer goes to `flush` on the way. */
  write(time: string, stream: OutputStream, bytes: Uint8Array, start: number, end: number): void
  /** Hands the rest to `flush`. */
  flush(): void
}

/** Longest piece of a line in one record, as conmon reads and so writes. */
export const LONGEST_PIECE = 8192
/** `2024-01-01T00:00:00.000000000+00:00 stdout F ` is 45 bytes: six doubles hold it. */
const PREFIX_DOUBLES = 6
const NEWLINE = 10
const PARTIAL = 0x50
/** Bytes of a line that are copied one by one; a native copy costs more than that many. */
const SHORT = 48

/** Smallest buffer that a writer works with. */
export const SMALLEST_BUFFER = 2 * (LONGEST_PIECE + PREFIX_DOUBLES * 8)

/**
 * `buffer` belongs to the writer between `write` and `flush`. The prefix is stored as six doubles per record: one
 * machine instruction each, where a copy of 45 bytes by any other way takes five times as long. ASCII is never a NaN.
 */
export const createRecordWriter = (buffer: Buffer, flush: (records: Buffer) => void): RecordWriter => {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length)
  const prefix = Buffer.alloc(PREFIX_DOUBLES * 8)
  const last = buffer.length - LONGEST_PIECE - PREFIX_DOUBLES * 8 - 1
  let used = 0

  const flushAll = () => {
    if (used > 0) flush(buffer.subarray(0, used))
    used = 0
  }

  // The length of what follows up to the line's end, at most LONGEST_PIECE; negative where no end was found.
  const copyLong = (bytes: Uint8Array, from: number, total: number, to: number): number => {
    const limit = Math.min(total, from + LONGEST_PIECE - SHORT)
    const end = bytes.indexOf(NEWLINE, from)
    const stop = end < 0 || end >= limit ? limit : end + 1
    buffer.set(bytes.subarray(from, stop), to)
    return end < 0 || end >= limit ? from - stop : stop - from
  }

  const write = (time: string, stream: OutputStream, bytes: Uint8Array, start: number, total: number) => {
    const length = prefix.write(`${time} ${stream} F `, 0, 'latin1')
    const d0 = prefix.readDoubleLE(0)
    const d1 = prefix.readDoubleLE(8)
    const d2 = prefix.readDoubleLE(16)
    const d3 = prefix.readDoubleLE(24)
    const d4 = prefix.readDoubleLE(32)
    const d5 = prefix.readDoubleLE(40)
    let at = start
    let to = used
    while (at < total) {
      if (to > last) {
        used = to
        flushAll()
        to = 0
      }
      view.setFloat64(to, d0, true)
      view.setFloat64(to + 8, d1, true)
      view.setFloat64(to + 16, d2, true)
      view.setFloat64(to + 24, d3, true)
      view.setFloat64(to + 32, d4, true)
      view.setFloat64(to + 40, d5, true)
      to += length
      const tag = to - 2
      const shortEnd = Math.min(at + SHORT, total)
      let byte = 0
      while (at < shortEnd) {
        byte = bytes[at++]!
        buffer[to++] = byte
        if (byte === NEWLINE) break
      }
      if (byte === NEWLINE) continue
      const copied = at < total ? copyLong(bytes, at, total, to) : 0
      at += Math.abs(copied)
      to += Math.abs(copied)
      if (copied > 0) continue
      buffer[tag] = PARTIAL
      buffer[to++] = NEWLINE
    }
    used = to
  }

  return { write, flush: flushAll }
}
