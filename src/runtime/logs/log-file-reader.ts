import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { type LogRecord, parseRecord } from './record'
import { tailOffset } from './tail-offset'

const NEWLINE = 10
const BLOCK = 256 << 10

/** Reads the records of a log file, and goes on where it stopped when more were written. */
export class LogFileReader {
  private fd: number | undefined
  private bytes: Buffer = Buffer.allocUnsafe(BLOCK)
  private start = 0
  private end = 0
  private position = 0

  /** Begins with the last `tail` lines, or with the first one. A file that is not there yet is one without records. */
  constructor(
    private readonly path: string,
    tail?: number,
  ) {
    if (this.open() && tail !== undefined && tail >= 0) {
      this.position = tailOffset(this.fd!, fstatSync(this.fd!).size, tail)
    }
  }

  private open(): boolean {
    if (this.fd !== undefined) return true
    try {
      this.fd = openSync(this.path, 'r')
      return true
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
      throw error
    }
  }

  /** The next record, or undefined where no whole one is there. Lines that are no records are left out. */
  next(): LogRecord | undefined {
    for (;;) {
      const newline = this.findNewline()
      if (newline < 0) return undefined
      const start = this.start
      this.start = newline + 1
      const record = parseRecord(this.bytes, start, newline)
      if (record) return record
    }
  }

  private findNewline(): number {
    for (let from = this.start; ; ) {
      const newline = this.bytes.indexOf(NEWLINE, from)
      if (newline >= 0 && newline < this.end) return newline
      const known = this.end - this.start
      if (!this.fill()) return -1
      from = this.start + known
    }
  }

  /** Reads more behind what is left, which moves to the front; false where there is no more. */
  private fill(): boolean {
    if (!this.open()) return false
    const left = this.end - this.start
    const target = left > this.bytes.length / 2 ? Buffer.allocUnsafe(this.bytes.length * 2) : this.bytes
    this.bytes.copy(target, 0, this.start, this.end)
    this.bytes = target
    this.start = 0
    this.end = left
    const read = readSync(this.fd!, target, left, target.length - left, this.position)
    this.position += read
    this.end += read
    return read > 0
  }

  /**
   * Whether the log was started anew: another file has the name now, or this one was cut. The reader then is at the
   * beginning of what has the name now. Read to the end before.
   */
  renewed(): boolean {
    if (this.fd === undefined) return this.open()
    const here = fstatSync(this.fd)
    const named = statSync(this.path, { throwIfNoEntry: false })
    const replaced = named !== undefined && (named.ino !== here.ino || named.dev !== here.dev)
    if (!replaced && here.size >= this.position) return false
    if (replaced) this.close()
    this.position = 0
    this.start = 0
    this.end = 0
    return this.open()
  }

  close(): void {
    if (this.fd !== undefined) closeSync(this.fd)
    this.fd = undefined
  }
}
