const BYTES = 256 << 10
/** One that is read into, the others on their way out. */
const MOST = 4

/**
 * Memory for a stream that is read while earlier pieces are still being written: each buffer is used again once all
 * who hold it have released it.
 */
export class ReadBuffers {
  private readonly free: Uint8Array[] = []
  private readonly holders = new Map<Uint8Array, number>()
  private made = 0
  private current?: Uint8Array
  private paused = false

  /** `freed` is told when reading can go on after `mustPause`. */
  constructor(private readonly freed: () => void) {}

  /** Whether reading has to pause once the next buffer is given out, which is the last one. */
  mustPause(): boolean {
    this.paused = this.free.length + MOST - this.made < 2
    return this.paused
  }

  /** A buffer to read into. */
  next(): Uint8Array {
    const buffer = this.free.pop()
    if (buffer) return buffer
    this.made++
    return Buffer.allocUnsafeSlow(BYTES)
  }

  /** Something was read into `buffer`; call what is returned when all of it was looked at. */
  take(buffer: Uint8Array): () => void {
    this.current = buffer
    return this.hold()
  }

  /** Keeps the buffer that was last taken until the returned function is called. */
  hold(): () => void {
    const buffer = this.current!
    this.holders.set(buffer, (this.holders.get(buffer) ?? 0) + 1)
    return () => this.release(buffer)
  }

  private release(buffer: Uint8Array): void {
    const left = this.holders.get(buffer)! - 1
    if (left > 0) {
      this.holders.set(buffer, left)
      return
    }
    this.holders.delete(buffer)
    this.free.push(buffer)
    if (!this.paused) return
    this.paused = false
    this.freed()
  }
}
