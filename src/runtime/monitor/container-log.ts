import type { LogConfig, OutputStream } from '../messages'
import { type Clock, formatTime } from './clock'
import { LogBacklog } from './log-backlog'
import { LogFile } from './log-file'

/** Where a program's output is kept. */
export interface ContainerLog {
  /** Takes the first `length` bytes, which were read at once. They are the caller's again then. */
  write(stream: OutputStream, bytes: Uint8Array, length: number): void
  close(): void
}

/** A log that keeps nothing. */
export const noLog: ContainerLog = { write: () => {}, close: () => {} }

export interface LogContext {
  clock: Clock
  /** Told once per log that writing failed; the container goes on. */
  failed(error: unknown): void
  /** Told when a log that was closed is whole. */
  finished(): void
}

const SCRATCH_BYTES = 256 << 10
/** Fewest bytes at once, and fewest lines in a thousand of them, that are a flood of short lines. */
const FLOOD_BYTES = 16 << 10
const SAMPLE = 1024
const SAMPLE_LINES = 64
/** Bytes of a flood that are written at once all the same, and milliseconds after which it is another flood. */
const SMALL_FLOOD = 4 << 20
const FLOOD_PAUSE = 1_000
const NEWLINE = 10
/** Milliseconds without output after which the backlog is worked on, and after which it is in any case. */
const QUIET = 50
const LONGEST_WAIT = 5_000
/** Bytes that may wait. */
const MOST_WAITING = 512 << 20
/** Milliseconds of work on a backlog at a time. */
const SLICE = 5

const isFlood = (bytes: Uint8Array, length: number): boolean => {
  if (length < FLOOD_BYTES) return false
  let lines = 0
  for (let at = 0; at < SAMPLE; at++) if (bytes[at] === NEWLINE) lines++
  return lines >= SAMPLE_LINES
}

/**
 * The log of a container, over its restarts. Records are 40 bytes longer than what they hold: a flood of short lines
 * becomes twenty times its size and would hold the container up for as long as the disk takes. So it waits in a backlog
 * and becomes records when the container is quiet or has ended, or as fast as it comes once too much is waiting.
 */
class FileLog implements ContainerLog {
  private backlog?: LogBacklog
  private timer?: NodeJS.Timeout
  /** When the first of what waits came, and the last. */
  private since = 0
  private last = 0
  private failed = false
  private flood = { bytes: 0, last: 0 }
  /** How many have it open. */
  private users = 0

  constructor(
    private readonly file: LogFile,
    private readonly path: string,
    private readonly mayWait: boolean,
    private readonly context: LogContext,
    private readonly memory: (length: number) => Buffer,
    private readonly closed: () => void,
  ) {
    const left = LogBacklog.takeOver(path)
    if (!left) return
    this.file.cut(left.logSize)
    this.backlog = left.backlog
    this.workLater()
  }

  open(): this {
    this.users++
    return this
  }

  write(stream: OutputStream, bytes: Uint8Array, length: number): void {
    const time = formatTime(this.context.clock())
    try {
      if (this.backlog || this.isTooMuch(bytes, length)) this.putOff(time, stream, bytes, length)
      else this.file.write(time, stream, bytes, length)
    } catch (error) {
      this.fail(error)
    }
  }

  private isTooMuch(bytes: Uint8Array, length: number): boolean {
    if (!this.mayWait || !isFlood(bytes, length)) return false
    const { flood } = this
    const now = Date.now()
    if (now - flood.last > FLOOD_PAUSE) flood.bytes = 0
    flood.last = now
    flood.bytes += length
    return flood.bytes > SMALL_FLOOD
  }

  private fail(error: unknown): void {
    if (!this.failed) this.context.failed(error)
    this.failed = true
  }

  private putOff(time: string, stream: OutputStream, bytes: Uint8Array, length: number): void {
    if (!this.backlog) {
      this.backlog = LogBacklog.create(this.path)
      this.since = Date.now()
      this.backlog.mark(this.file.length)
    }
    this.last = Date.now()
    this.backlog.add(time, stream, bytes, length)
    this.workLater()
    if (this.backlog.waiting > MOST_WAITING || this.last - this.since > LONGEST_WAIT) this.convertOne()
  }

  private workLater(delay = QUIET): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.work()
    }, delay)
  }

  private work(): void {
    const start = Date.now()
    try {
      if (this.users > 0 && start - this.last < QUIET) this.workLater()
      else if (this.file.isRemoved) this.dropBacklog()
      else {
        while (this.backlog && Date.now() - start < SLICE) this.convertOne()
        if (this.backlog) this.workLater(0)
      }
    } catch (error) {
      this.fail(error)
      this.dropBacklog()
    }
  }

  private convertOne(): void {
    const { backlog } = this
    const batch = backlog?.next(this.memory)
    if (!batch) {
      this.dropBacklog()
      return
    }
    this.file.write(batch.time, batch.stream, batch.bytes, batch.length)
    backlog?.mark(this.file.length)
    if (backlog?.waiting === 0) this.dropBacklog()
  }

  private dropBacklog(): void {
    this.backlog?.remove()
    this.backlog = undefined
    clearTimeout(this.timer)
    this.timer = undefined
    this.finish()
  }

  close(): void {
    this.users--
    this.finish()
  }

  private finish(): void {
    if (this.users > 0 || this.backlog) return
    this.file.close()
    this.closed()
  }
}

/** The logs of a monitor's containers. */
export class ContainerLogs {
  private readonly files = new Map<string, FileLog>()
  private readonly scratch = Buffer.alloc(SCRATCH_BYTES)
  private batch?: Buffer

  constructor(private readonly context: LogContext) {}

  /** Whether all that was written is where it belongs. */
  get isIdle(): boolean {
    return this.files.size === 0
  }

  /** Opens the log that a container is configured with. Throws where its file can't be opened. */
  open({ driver, path, maxSize = 0 }: LogConfig): ContainerLog {
    if (driver !== 'k8s-file' || path === undefined) return noLog
    const known = this.files.get(path)
    if (known) return known.open()
    const file = new LogFile(path, maxSize, this.scratch)
    const closed = () => this.closed(path)
    const log = new FileLog(file, path, maxSize === 0, this.context, (length) => this.memory(length), closed)
    this.files.set(path, log)
    return log.open()
  }

  private memory(length: number): Buffer {
    if (!this.batch || this.batch.length < length) this.batch = Buffer.allocUnsafeSlow(length)
    return this.batch
  }

  private closed(path: string): void {
    this.files.delete(path)
    this.batch = undefined
    this.context.finished()
  }
}
