import { closeSync, readSync, writeSync } from 'node:fs'
import type { Kernel } from '../../kernel'
import { POLL, type PollEntry } from '../../kernel/polling'

/** Our standard streams, and our ends of the program's pipes for them. */
export interface PlainStreams {
  ours: { stdin?: number; stdout?: number; stderr?: number }
  theirs: { stdin?: number; stdout?: number; stderr?: number }
}

const READ_BYTES = 64 << 10
/** Milliseconds after which the event loop turns in any case, for a signal that came between its last turn and a wait. */
const LONGEST_WAIT = 250

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

/** Bytes that were read; 0 at the end of the stream, undefined where there is nothing now. */
const readSome = (fd: number, buffer: Buffer): number | undefined => {
  try {
    return readSync(fd, buffer, 0, buffer.length, null)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EAGAIN' || code === 'EINTR') return undefined
    return 0
  }
}

/** Bytes that were written; undefined where nobody reads any more. */
const writeSome = (fd: number, bytes: Uint8Array): number | undefined => {
  try {
    return writeSync(fd, bytes)
  } catch (error) {
    return codeOf(error) === 'EAGAIN' ? 0 : undefined
  }
}

/** Lets the event loop turn once: handlers of signals run. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/**
 * Passes a program's output to our descriptors and our input to it, on the main thread, until its process ends. Without
 * an event loop this takes none of Node's streams, which are half of what a short `exec` would load. The loop turns
 * where a signal came: the kernel hands a process's signals to its main thread, as long as that takes them.
 */
export class PlainPump {
  private readonly buffer = Buffer.alloc(READ_BYTES)
  private input: Buffer = Buffer.alloc(0)
  private outputClosed = false

  constructor(
    private readonly kernel: Pick<Kernel, 'poll'>,
    private readonly streams: PlainStreams,
  ) {}

  /** Runs until `pidfd` tells of the end, or nobody reads our output any more; false then. */
  async run(pidfd: number): Promise<boolean> {
    for (;;) {
      const entries = this.entries(pidfd)
      const happened = this.kernel.poll(entries, LONGEST_WAIT)
      if (!happened) {
        await turn()
        continue
      }
      const isReady = (fd: number | undefined) =>
        fd !== undefined && entries.some((entry, index) => entry.fd === fd && happened[index] !== 0)
      const { ours, theirs } = this.streams
      this.pass('stdout', isReady(theirs.stdout))
      this.pass('stderr', isReady(theirs.stderr))
      if (this.outputClosed) return false
      if (isReady(theirs.stdin)) this.feed()
      if (this.input.length === 0 && isReady(ours.stdin)) this.readInput()
      if (isReady(pidfd)) return this.finish()
    }
  }

  close(): void {
    for (const fd of Object.values(this.streams.theirs)) closeSync(fd)
    this.streams.theirs = {}
  }

  private entries(pidfd: number): PollEntry[] {
    const { ours, theirs } = this.streams
    const entries: PollEntry[] = [{ fd: pidfd, events: POLL.IN }]
    for (const fd of [theirs.stdout, theirs.stderr]) {
      if (fd !== undefined) entries.push({ fd, events: POLL.IN })
    }
    if (theirs.stdin === undefined) return entries
    // With nothing to write, only its end is of interest: then nothing need be read either.
    const waits = this.input.length > 0
    entries.push({ fd: theirs.stdin, events: waits ? POLL.OUT : 0 })
    if (!waits && ours.stdin !== undefined) entries.push({ fd: ours.stdin, events: POLL.IN })
    return entries
  }

  private shut(name: 'stdin' | 'stdout' | 'stderr'): void {
    const fd = this.streams.theirs[name]
    if (fd !== undefined) closeSync(fd)
    delete this.streams.theirs[name]
  }

  /** One piece of output; false where there was none. */
  private pass(name: 'stdout' | 'stderr', ready: boolean): boolean {
    const fd = this.streams.theirs[name]
    if (!ready || fd === undefined || this.outputClosed) return false
    const count = readSome(fd, this.buffer)
    if (count === 0) this.shut(name)
    if (!count) return false
    this.write(this.streams.ours[name], this.buffer.subarray(0, count))
    return true
  }

  private write(fd: number | undefined, bytes: Buffer): void {
    for (let at = 0; fd !== undefined && at < bytes.length; ) {
      const count = writeSome(fd, bytes.subarray(at))
      if (count === undefined) {
        this.outputClosed = true
        return
      }
      at += count
      // Somebody made our output non-blocking.
      if (count === 0) this.kernel.poll([{ fd, events: POLL.OUT }], LONGEST_WAIT)
    }
  }

  private readInput(): void {
    const { ours } = this.streams
    const count = readSome(ours.stdin!, this.buffer)
    if (count === undefined) return
    if (count === 0) this.shut('stdin')
    else {
      this.input = Buffer.from(this.buffer.subarray(0, count))
      this.feed()
    }
  }

  private feed(): void {
    const fd = this.streams.theirs.stdin
    if (fd === undefined) return
    const count = this.input.length > 0 ? writeSome(fd, this.input) : undefined
    if (count === undefined) this.shut('stdin')
    this.input = this.input.subarray(count ?? this.input.length)
  }

  /** The process is down: what it wrote is passed on, but others that hold its pipes are not waited for. */
  private finish(): boolean {
    while (this.pass('stdout', true));
    while (this.pass('stderr', true));
    return !this.outputClosed
  }
}
