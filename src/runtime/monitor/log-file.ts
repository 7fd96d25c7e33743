import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import type { LogConfig, OutputStream } from '../messages'
import { type Clock, formatTime } from './clock'
import { createRecordWriter } from './log-records'

/** Where a container's output is kept. */
export interface ContainerLog {
  /** Takes the first `length` bytes, which were read at once; one write per batch. They are the caller's again then. */
  write(stream: OutputStream, bytes: Uint8Array, length: number): void
  close(): void
}

export interface LogContext {
  clock: Clock
  /** Memory for formatting, shared by all logs of a process. */
  scratch: Buffer
  /** Told once per log that writing failed; the container goes on. */
  failed(error: unknown): void
}

const MODE = 0o640
const NEWLINE = 10

const writeAll = (fd: number, bytes: Uint8Array): void => {
  for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at, bytes.length - at)
}

/** Where the line that begins at `from` ends, its newline included, or all of the bytes. */
const lineEnd = (bytes: Uint8Array, from: number, total: number): number => {
  const newline = bytes.indexOf(NEWLINE, from)
  return newline < 0 ? total : Math.min(newline + 1, total)
}

/**
 * A log in k8s-file format. With a size limit, a record that would pass it starts the file anew, as conmon does: the
 * new file takes the old one's place by rename, so a reader of the old one keeps it.
 */
export const openLogFile = (path: string, maxSize: number, context: LogContext): ContainerLog => {
  let fd = openSync(path, 'a', MODE)
  let size = maxSize > 0 ? fstatSync(fd).size : 0
  let broken = false
  const failed = (error: unknown) => {
    if (!broken) context.failed(error)
    broken = true
  }
  const records = createRecordWriter(context.scratch, (bytes) => {
    try {
      writeAll(fd, bytes)
    } catch (error) {
      failed(error)
    }
  })

  const startAnew = () => {
    records.flush()
    const temporary = `${path}.tmp`
    const fresh = openSync(temporary, 'w', MODE)
    closeSync(fd)
    fd = fresh
    size = 0
    renameSync(temporary, path)
  }

  const writeLimited = (time: string, stream: OutputStream, bytes: Uint8Array, total: number) => {
    const perRecord = time.length + stream.length + 4
    for (let at = 0, end = 0; at < total; at = end) {
      end = lineEnd(bytes, at, total)
      const length = perRecord + end - at
      if (size + length > maxSize && size > 0) startAnew()
      size += length
      records.write(time, stream, bytes, at, end)
    }
  }

  return {
    write: (stream, bytes, length) => {
      const time = formatTime(context.clock())
      try {
        if (maxSize > 0) writeLimited(time, stream, bytes, length)
        else records.write(time, stream, bytes, 0, length)
        records.flush()
      } catch (error) {
        failed(error)
      }
    },
    close: () => closeSync(fd),
  }
}

/** A log that keeps nothing. */
export const noLog: ContainerLog = { write: () => {}, close: () => {} }

/** Opens the log that a container is configured with. Throws where its file can't be opened. */
export const openLog = (config: LogConfig, context: LogContext): ContainerLog =>
  config.driver === 'k8s-file' && config.path !== undefined
    ? openLogFile(config.path, config.maxSize ?? 0, context)
    : noLog
