import { HEADER_BYTES } from '../messages'

/** Memory that output is read into. All readers of a process share it: what was read is used before the next read. */
export interface ReadBuffer {
  data: Buffer
  /** The same memory with room for a frame's header before the data. Its views are made once: output makes no garbage. */
  framed: Buffer
}

export const createReadBuffer = (size: number): ReadBuffer => {
  const framed = Buffer.alloc(HEADER_BYTES + size)
  return { data: framed.subarray(HEADER_BYTES), framed }
}
