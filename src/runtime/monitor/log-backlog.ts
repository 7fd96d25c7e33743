import { closeSync, constants, fstatSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { BATCH_HEADER, backlogPath, FILE_HEADER, readConverted, TIME_AT } from '../logs/backlog-format'
import type { OutputStream } from '../messages'

export interface Batch {
  time: string
  stream: OutputStream
  /** Bytes at the beginning of the buffer that was handed in. */
  length: number
}

/** Longest batch that is believed when a backlog is taken over. */
const LONGEST_BATCH = 4 << 20

const writeAt = (fd: number, bytes: Uint8Array, length: number, position: number): void => {
  for (let at = 0; at < length; ) at += writeSync(fd, bytes, at, length - at, position + at)
}

/** Output that waits to be written into a log: see logs/backlog-format.ts. */
export class LogBacklog {
  private readonly header = Buffer.alloc(BATCH_HEADER)

  private constructor(
    private readonly path: string,
    private readonly fd: number,
    /** Where the next batch to be converted is, and where the next one to be added will be. */
    private from: number,
    private to: number,
  ) {}

  static create(logPath: string): LogBacklog {
    const path = backlogPath(logPath)
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
    return new LogBacklog(path, fd, FILE_HEADER, FILE_HEADER)
  }

  /** What a killed monitor left, and how long the log was when it last took note; what came into it since is in both. */
  static takeOver(logPath: string): { backlog: LogBacklog; logSize: number } | undefined {
    const path = backlogPath(logPath)
    let fd: number
    try {
      fd = openSync(path, constants.O_RDWR)
    } catch {
      return undefined
    }
    const header = Buffer.alloc(FILE_HEADER)
    const converted = readConverted(fd, header)
    const { size } = fstatSync(fd)
    const backlog = new LogBacklog(path, fd, Math.max(FILE_HEADER, converted), size)
    if (converted >= FILE_HEADER) return { backlog, logSize: Number(header.readBigUInt64LE(8)) }
    backlog.remove()
    return undefined
  }

  get waiting(): number {
    return this.to - this.from
  }

  add(time: string, stream: OutputStream, bytes: Uint8Array, length: number): void {
    const { header } = this
    header.writeUInt32LE(length, 0)
    header[4] = stream === 'stdout' ? 1 : 2
    header[5] = header.write(time, TIME_AT, 'latin1')
    writeAt(this.fd, header, BATCH_HEADER, this.to)
    writeAt(this.fd, bytes, length, this.to + BATCH_HEADER)
    this.to += BATCH_HEADER + length
  }

  /** Reads the next batch, its bytes into memory that `memory` gives; undefined where there is no whole one. */
  next(memory: (length: number) => Buffer): (Batch & { bytes: Buffer }) | undefined {
    const { header, fd, from, to } = this
    if (to - from < BATCH_HEADER || readSync(fd, header, 0, BATCH_HEADER, from) < BATCH_HEADER)
      return undefined
    const length = header.readUInt32LE(0)
    if (length > LONGEST_BATCH || from + BATCH_HEADER + length > to) return undefined
    const bytes = memory(length)
    if (readSync(fd, bytes, 0, length, from + BATCH_HEADER) < length) return undefined
    this.from += BATCH_HEADER + length
    const time = header.toString('latin1', TIME_AT, TIME_AT + header[5]!)
    return { time, stream: header[4] === 1 ? 'stdout' : 'stderr', length, bytes }
  }

  /** All that `next` gave is in the log, which has that size now. */
  mark(logSize: number): void {
    const note = Buffer.alloc(FILE_HEADER)
    note.writeBigUInt64LE(BigInt(this.from), 0)
    note.writeBigUInt64LE(BigInt(logSize), 8)
    writeAt(this.fd, note, FILE_HEADER, 0)
  }

  remove(): void {
    rmSync(this.path, { force: true })
    closeSync(this.fd)
  }
}
