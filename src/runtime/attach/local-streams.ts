import type { Kernel } from '../../kernel'
import type { OutputStream } from '../messages'
import { holdTerminal } from '../monitor/hold-terminal'
import { type InputWriter, writePipe, writeTerminal } from '../monitor/input-writer'
import { type OutputReader, readOutput } from '../monitor/output-reader'
import { createReadBuffer } from '../monitor/read-buffer'
import type { ClientSink } from './client'
import type { ForegroundPeer } from './foreground'

/** Our ends of a program's streams: a terminal's master side, or pipes. They then belong to the streams. */
export interface LocalEnds {
  terminal?: number
  stdin?: number
  stdout?: number
  stderr?: number
}

const READ_BYTES = 64 << 10
/** Bytes that may wait for our standard output. */
const MOST_WAITING = 1 << 20

/** The streams of a program that this process started itself, without a monitor between. */
export class LocalStreams implements ForegroundPeer {
  readonly closed: Promise<void> = new Promise(() => {})
  private sink?: ClientSink
  private input?: InputWriter
  private readonly readers: OutputReader[] = []
  private readonly buffer = createReadBuffer(READ_BYTES)
  private waiting = 0
  private releaseTerminal: () => void = () => {}
  private readonly inputWaiters: (() => void)[] = []

  constructor(private readonly kernel: Kernel) {}

  listen(sink: ClientSink): void {
    this.sink = sink
  }

  /** The program runs. */
  open({ terminal, stdin, stdout, stderr }: LocalEnds): void {
    const drained = () => {
      for (const tell of this.inputWaiters.splice(0)) tell()
    }
    if (terminal !== undefined) {
      this.releaseTerminal = holdTerminal(this.kernel, terminal)
      this.input = writeTerminal(this.read('stdout', terminal, 'terminal').socket, drained)
    }
    if (stdout !== undefined) this.read('stdout', stdout, 'pipe')
    if (stderr !== undefined) this.read('stderr', stderr, 'pipe')
    if (stdin !== undefined) this.input = writePipe(stdin, drained)
  }

  private read(stream: OutputStream, fd: number, kind: 'pipe' | 'terminal'): OutputReader {
    const data = (length: number) => this.take(stream, Buffer.from(this.buffer.data.subarray(0, length)))
    const reader = readOutput(fd, kind, this.buffer, { data, end: () => {} })
    this.readers.push(reader)
    return reader
  }

  private take(stream: OutputStream, bytes: Buffer): boolean {
    this.waiting += bytes.length
    this.sink?.output(stream, bytes, () => {
      const wasFull = this.waiting > MOST_WAITING
      this.waiting -= bytes.length
      if (wasFull && this.waiting <= MOST_WAITING) for (const reader of this.readers) reader.resume()
    })
    if (this.waiting <= MOST_WAITING) return true
    for (const reader of this.readers) reader.pause()
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
    for (const reader of this.readers) reader.finish()
    this.input?.close()
    this.releaseTerminal()
    this.sink?.event({ event: 'exec-exit', execId, exitCode, signal })
  }
}
