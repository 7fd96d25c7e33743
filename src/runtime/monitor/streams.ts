import type { Kernel } from '../../kernel'
import {
  type AttachStreams,
  type EventMessage,
  FrameType,
  HEADER_BYTES,
  type OutputStream,
  type TerminalSize,
  writeHeader,
} from '../messages'
import type { ContainerLog } from './container-log'
import { holdTerminal } from './hold-terminal'
import { type InputWriter, writePipe, writeTerminal } from './input-writer'
import { type OutputReader, readOutput } from './output-reader'
import type { ReadBuffer } from './read-buffer'
import type { StdioPair } from './stdio'

/** Who is attached: a client's connection. */
export interface OutputTarget {
  send(event: EventMessage): void
  /** Sends the first `length` bytes, a whole frame; they are the caller's again then. False where it can't take more for now. */
  sendFrame(frame: Buffer, length: number): boolean
  /** Whether it still has to send what it took. */
  readonly waiting: boolean
  /** Stops and goes on with reading what the client sends. */
  pauseInput(): void
  resumeInput(): void
}

/** The standard streams of one running program: its log, its attached clients, its input. */
export interface ProgramStreams {
  readonly attached: number
  attach(target: OutputTarget, wanted: AttachStreams): void
  /** Forgets a client; one that was the last to give input may end it, as `stdinOnce` says. */
  detach(target: OutputTarget): void
  /** A client has sent all that it took. */
  drained(): void
  input(target: OutputTarget, bytes: Uint8Array): void
  endInput(target: OutputTarget): void
  resize(size: TerminalSize): boolean
  /** Calls for every client that is attached. */
  each(act: (target: OutputTarget) => void): void
  /** The program is down: what it wrote is read to the end, and everything is closed. */
  finish(): void
}

export interface StreamsRequest {
  kernel: Kernel
  buffer: ReadBuffer
  log: ContainerLog
  stdio: StdioPair['ours']
  /** Descriptor of the terminal's master side; it then belongs to the streams. */
  terminal?: number
  /** The input ends with the first client that gave it. */
  stdinOnce: boolean
  /** Those that are attached from the first byte on. */
  attached: ReadonlyMap<OutputTarget, AttachStreams>
}

/** Begins to read a program's output: to its log and to every attached client, at the pace of the slowest of these. */
export const openStreams = (request: StreamsRequest): ProgramStreams => {
  const { kernel, buffer, log, terminal } = request
  const targets = new Map(request.attached)
  const readers: OutputReader[] = []
  let input: InputWriter | undefined

  const isHeldUp = () => [...targets.keys()].some((target) => target.waiting)
  const resumeReaders = () => {
    if (!isHeldUp()) for (const reader of readers) reader.resume()
  }
  const pauseReaders = () => {
    for (const reader of readers) reader.pause()
  }

  const take = (stream: OutputStream, length: number): boolean => {
    log.write(stream, buffer.data, length)
    if (targets.size === 0) return true
    writeHeader(buffer.framed, FrameType[stream], length)
    let more = true
    for (const [target, wanted] of targets) {
      if (wanted[stream] && !target.sendFrame(buffer.framed, HEADER_BYTES + length)) more = false
    }
    if (!more) pauseReaders()
    return more
  }
  const read = (stream: OutputStream, fd: number, kind: 'pipe' | 'terminal'): OutputReader => {
    const sink = { data: (length: number) => take(stream, length), end: () => {} }
    const reader = readOutput(fd, kind, buffer, sink)
    readers.push(reader)
    return reader
  }

  const resumeInputs = () => {
    for (const target of targets.keys()) target.resumeInput()
  }
  const giversOfInput = () => [...targets.values()].filter((wanted) => wanted.stdin).length
  const endInput = () => {
    input?.end()
    input = undefined
  }

  const releaseTerminal = terminal === undefined ? () => {} : holdTerminal(kernel, terminal)
  if (terminal !== undefined) {
    input = writeTerminal(read('stdout', terminal, 'terminal').socket, resumeInputs)
  } else {
    if (request.stdio.stdout !== undefined) read('stdout', request.stdio.stdout, 'pipe')
    if (request.stdio.stderr !== undefined) read('stderr', request.stdio.stderr, 'pipe')
    if (request.stdio.stdin !== undefined) input = writePipe(request.stdio.stdin, resumeInputs)
  }

  return {
    get attached() {
      return targets.size
    },
    attach: (target, wanted) => targets.set(target, wanted),
    detach: (target) => {
      const wanted = targets.get(target)
      if (!targets.delete(target)) return
      if (wanted?.stdin && request.stdinOnce && terminal === undefined && giversOfInput() === 0) endInput()
      resumeReaders()
    },
    drained: resumeReaders,
    input: (target, bytes) => {
      if (!targets.get(target)?.stdin || !input) return
      if (!input.write(bytes)) target.pauseInput()
    },
    endInput: (target) => {
      if (targets.get(target)?.stdin && terminal === undefined) endInput()
    },
    resize: (size) => terminal !== undefined && kernel.setWindowSize(terminal, size),
    each: (act) => {
      for (const target of targets.keys()) act(target)
    },
    finish: () => {
      for (const reader of readers) reader.finish()
      input?.close()
      releaseTerminal()
      resumeInputs()
      log.close()
    },
  }
}
