import { HEADER_BYTES } from '../messages'

/** Memory that output is read into. All readers of a process share it: what was read is used before the next read. */
export interface ReadBuffer {
  data: Buffer
  /** The frame around the first `length` bytes of data; its header is still to be written. */
  frame(length: number): Buffer
}

/** Room for a header before the data, in a size that leaves the data aligned. */
const ROOM = 8

export const createReadBuffer = (size: number): ReadBuffer => {
  const whole = Buffer.alloc(ROOM + size)
  return {
    data: whole.subarray(ROOM),
    frame: (length) => whole.subarray(ROOM - HEADER_BYTES, ROOM + length),
  }
}
