import type { OutputStream } from '../messages'

/** One record of a k8s-file log: `<time> <stream> <tags> <message>`. */
export interface LogRecord {
  /** As it is in the file: RFC 3339 with nanoseconds and offset. */
  time: string
  stream: OutputStream
  /** The line goes on in the next record of that stream. */
  partial: boolean
  /** Without the line's end. Valid until the next record is read. */
  message: Buffer
}

const SPACE = 0x20
const PARTIAL = 0x50
const COLON = 0x3a
/** Enough for time, stream and tags. */
export const LONGEST_HEADER = 64

const STDOUT = 'o'.charCodeAt(0)
const STDERR = 'e'.charCodeAt(0)

const streamAt = (bytes: Buffer, start: number, end: number): OutputStream | undefined => {
  if (end - start !== 6) return undefined
  const third = bytes[start + 3]
  return third === STDOUT ? 'stdout' : third === STDERR ? 'stderr' : undefined
}

/** The record between `start` and `end`, its newline left out; undefined where there is none, as after a full disk. */
export const parseRecord = (bytes: Buffer, start: number, end: number): LogRecord | undefined => {
  const timeEnd = bytes.indexOf(SPACE, start)
  if (timeEnd < 0 || timeEnd - start < 20 || timeEnd >= end || bytes[start + 13] !== COLON) return undefined
  const streamEnd = bytes.indexOf(SPACE, timeEnd + 1)
  const stream = streamEnd < 0 || streamEnd >= end ? undefined : streamAt(bytes, timeEnd + 1, streamEnd)
  const tagsEnd = bytes.indexOf(SPACE, streamEnd + 1)
  if (!stream || tagsEnd < 0 || tagsEnd >= end) return undefined
  return {
    time: bytes.toString('latin1', start, timeEnd),
    stream,
    partial: bytes[streamEnd + 1] === PARTIAL,
    message: bytes.subarray(tagsEnd + 1, end),
  }
}

/** Whether the record that begins at `start` is a part of a line that goes on. */
export const isPartialAt = (bytes: Buffer, start: number, end: number): boolean => {
  const timeEnd = bytes.indexOf(SPACE, start)
  const streamEnd = timeEnd < 0 ? -1 : bytes.indexOf(SPACE, timeEnd + 1)
  return streamEnd >= 0 && streamEnd < end && bytes[streamEnd + 1] === PARTIAL
}
