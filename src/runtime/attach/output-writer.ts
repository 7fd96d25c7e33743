import { writev } from 'node:fs'

/** A piece of output that waits, and who is told when it was written. */
interface Piece {
  fd: number
  bytes: Uint8Array
  written: () => void
}

export type WriteVector = (
  fd: number,
  buffers: readonly Uint8Array[],
  done: (error: NodeJS.ErrnoException | null, written: number) => void,
) => void

const MOST_PIECES = 64
/** Milliseconds until a descriptor that somebody made non-blocking is tried again. */
const FIRST_WAIT = 1
const LONGEST_WAIT = 20

/**
 * Writes to standard output and standard error in the order of arrival, on a thread of the pool: a reader that stops
 * (`| less`) blocks neither signals nor input. What can't be written any more is dropped.
 */
export class OutputWriter {
  private queue: Piece[] = []
  private writing = false
  private wait = FIRST_WAIT
  private readonly broken = new Set<number>()
  private idle: (() => void)[] = []

  /** `closed` is told once of a descriptor that takes nothing any more. */
  constructor(
    private readonly closed: (fd: number) => void,
    private readonly write: WriteVector = writev as WriteVector,
  ) {}

  /** Takes `bytes`, which must not change until `written` is called. */
  add(fd: number, bytes: Uint8Array, written: () => void): void {
    this.queue.push({ fd, bytes, written })
    if (!this.writing) this.next()
  }

  /** Resolves when all is written. */
  flush(): Promise<void> {
    if (!this.writing) return Promise.resolve()
    return new Promise((resolve) => this.idle.push(resolve))
  }

  private next(): void {
    const [first] = this.queue
    this.writing = first !== undefined
    if (!first) {
      for (const resolve of this.idle.splice(0)) resolve()
      return
    }
    const pieces = this.sameTarget(first.fd)
    if (this.broken.has(first.fd)) {
      this.drop(pieces.length)
      return
    }
    const bytes = pieces.map((piece) => piece.bytes)
    this.write(first.fd, bytes, (error, written) => {
      if (!error) this.done(written)
      else if (error.code === 'EAGAIN') this.later()
      else this.fail(first.fd, pieces.length)
    })
  }

  private sameTarget(fd: number): Piece[] {
    const end = this.queue.findIndex((piece) => piece.fd !== fd)
    return this.queue.slice(0, Math.min(end < 0 ? this.queue.length : end, MOST_PIECES))
  }

  private done(written: number): void {
    this.wait = FIRST_WAIT
    let left = written
    let whole = 0
    for (const piece of this.queue) {
      if (piece.bytes.length > left) break
      left -= piece.bytes.length
      whole++
    }
    const rest = this.queue[whole]
    if (left > 0 && rest) rest.bytes = rest.bytes.subarray(left)
    this.drop(whole)
  }

  private drop(count: number): void {
    for (const piece of this.queue.splice(0, count)) piece.written()
    this.next()
  }

  private later(): void {
    setTimeout(() => this.next(), this.wait)
    this.wait = Math.min(LONGEST_WAIT, this.wait * 2)
  }

  private fail(fd: number, count: number): void {
    this.broken.add(fd)
    this.closed(fd)
    this.drop(count)
  }
}
