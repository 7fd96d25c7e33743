import { closeSync, constants, fstatSync, ftruncateSync, openSync, renameSync, writeSync } from 'node:fs'
import type { OutputStream } from '../messages'
import { createRecordWriter, type RecordWriter } from './log-records'

const MODE = 0o640
const NEWLINE = 10

/** Where the line that begins at `from` ends, its newline included, or all of the bytes. */
const lineEnd = (bytes: Uint8Array, from: number, total: number): number => {
  const newline = bytes.indexOf(NEWLINE, from)
  return newline < 0 ? total : Math.min(newline + 1, total)
}

const openToAppend = (path: string, more: number): number =>
  openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | more, MODE)

/**
 * A log in k8s-file format. With a size limit, a record that would pass it starts the file anew, as conmon does: the
 * new file takes the old one's place by rename, so a reader of the old one keeps it.
 */
export class LogFile {
  private fd: number
  private size: number
  private readonly records: RecordWriter

  /** `scratch` is memory for formatting, in use during a call only. Throws where the file can't be opened. */
  constructor(
    private readonly path: string,
    private readonly maxSize: number,
    scratch: Buffer,
  ) {
    this.fd = openToAppend(path, 0)
    this.size = fstatSync(this.fd).size
    this.records = createRecordWriter(scratch, (bytes) => this.append(bytes))
  }

  /** Bytes of the file. */
  get length(): number {
    return this.size
  }

  /** Whether the file has no name any more, so that nobody can read it. */
  get isRemoved(): boolean {
    return fstatSync(this.fd).nlink === 0
  }

  private append(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) at += writeSync(this.fd, bytes, at, bytes.length - at)
    this.size += bytes.length
  }

  /** Writes the first `length` bytes, which were read at once, in as few writes as there is memory for. */
  write(time: string, stream: OutputStream, bytes: Uint8Array, length: number): void {
    if (this.maxSize > 0) this.writeLimited(time, stream, bytes, length)
    else this.records.write(time, stream, bytes, 0, length)
    this.records.flush()
  }

  private writeLimited(time: string, stream: OutputStream, bytes: Uint8Array, total: number): void {
    const perRecord = time.length + stream.length + 4
    let planned = this.size
    for (let at = 0, end = 0; at < total; at = end) {
      end = lineEnd(bytes, at, total)
      const length = perRecord + end - at
      if (planned + length > this.maxSize && planned > 0) {
        this.startAnew()
        planned = 0
      }
      planned += length
      this.records.write(time, stream, bytes, at, end)
    }
  }

  private startAnew(): void {
    this.records.flush()
    const temporary = `${this.path}.tmp`
    const fresh = openToAppend(temporary, constants.O_TRUNC)
    closeSync(this.fd)
    this.fd = fresh
    this.size = 0
    renameSync(temporary, this.path)
  }

  /** Takes away what is behind the first `length` bytes. */
  cut(length: number): void {
    if (length >= this.size) return
    ftruncateSync(this.fd, length)
    this.size = length
  }

  close(): void {
    closeSync(this.fd)
  }
}
