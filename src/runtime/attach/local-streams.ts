import type { Kernel } from '../../kernel'
import { holdTerminal } from '../monitor/hold-terminal'
import { type InputWriter, writeTerminal } from '../monitor/input-writer'
import { type OutputReader, readOutput } from '../monitor/output-reader'
import { createReadBuffer } from '../monitor/read-buffer'
import type { ClientSink } from './client'
import type { ForegroundPeer } from './foreground'

const READ_BYTES = 64 << 10
/** Bytes that may wait for our standard output. */
const MOST_WAITING = 1 << 20

/** The terminal of a program that this process started itself, without a monitor between. */
export class LocalStreams implements ForegroundPeer {
  readonly closed: Promise<void> = new Promise(() => {})
  private sink?: ClientSink
  private input?: InputWriter
  private reader?: OutputReader
  private readonly buffer = createReadBuffer(READ_BYTES)
  private waiting = 0
  private releaseTerminal: () => void = () => {}
  private readonly inputWaiters: (() => void)[] = []

  constructor(private readonly kernel: Kernel) {}

  listen(sink: ClientSink): void {
    this.sink = sink
  }

  /** The program runs; its terminal's master side belongs to the streams from now on. */
  open(terminal: number): void {
    this.releaseTerminal = holdTerminal(this.kernel, terminal)
    const data = (length: number) => this.take(Buffer.from(this.buffer.data.subarray(0, length)))
    this.reader = readOutput(terminal, 'terminal', this.buffer, { data, end: () => {} })
    this.input = writeTerminal(this.reader.socket, () => {
      for (const tell of this.inputWaiters.splice(0)) tell()
    })
  }

  private take(bytes: Buffer): boolean {
    this.waiting += bytes.length
    this.sink?.output('stdout', bytes, () => {
      const wasFull = this.waiting > MOST_WAITING
      this.waiting -= bytes.length
      if (wasFull && this.waiting <= MOST_WAITING) this.reader?.resume()
    })
    if (this.waiting <= MOST_WAITING) return true
    this.reader?.pause()
    return false
  }

  writeInput(bytes: Uint8Array, drained: () => void): boolean {
    if (!this.input || this.input.write(bytes)) return true
    this.inputWaiters.push(drained)
    return false
  }

  endInput(): void {
    this.input?.end()
  }

  /** The program is down: takes what it wrote, then tells of the end. */
  programEnded(execId: string, exitCode: number, signal: number): void {
    this.reader?.finish()
    this.input?.close()
    this.releaseTerminal()
    this.sink?.event({ event: 'exec-exit', execId, exitCode, signal })
  }
}
