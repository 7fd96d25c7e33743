import { type ErrorCode, type ErrorContext, TspodError } from '../errors'
import type { ProcessId, WindowSize } from '../kernel'
import type { PortMapping } from '../state/types'
import type { Launch } from './launch'

/**
 * What a command and a monitor tell each other over one unix stream.
 *
 * A frame is one byte of type, the payload's length as a little-endian u32, and the payload. Control frames hold one
 * JSON object; the others hold raw bytes of a container's streams. A connection carries at most one attachment.
 * A `stdin` frame of length 0 is the end of standard input.
 */
export const FrameType = { control: 0, stdin: 1, stdout: 2, stderr: 3 } as const
export type FrameType = (typeof FrameType)[keyof typeof FrameType]
export type OutputStream = 'stdout' | 'stderr'

export type TerminalSize = WindowSize

/** Which of a container's streams a client wants. */
export interface AttachStreams {
  stdin: boolean
  stdout: boolean
  stderr: boolean
  /** Size of the client's terminal, set before the program runs. */
  size?: TerminalSize
}

export interface LogConfig {
  driver: 'k8s-file' | 'none'
  /** Path of the file, for k8s-file. */
  path?: string
  /** Bytes after which the file is started anew; 0 or missing for no limit. */
  maxSize?: number
}

/** All that a monitor needs to run a container, and to run it again. Kept as `<runroot>/containers/<id>/launch.json`. */
export interface ContainerRun {
  containerId: string
  launch: Launch
  log: LogConfig
  /** `-i`: standard input is a pipe that stays open until a client ends it; else /dev/null. Without meaning for a terminal. */
  stdin: boolean
  /** Standard input ends with the first client that was attached to it, as for `run -i`; else only on request. */
  stdinOnce: boolean
  /** Seconds after which the container is killed; 0 for never. */
  timeout: number
}

/** How a container ended. */
export interface ContainerExit {
  containerId: string
  process: ProcessId
  /** 0 to 255; 128 + signal for one that a signal ended. */
  exitCode: number
  /** 0 where no signal ended it. */
  signal: number
  /** RFC 3339 with nanoseconds. */
  finishedAt: string
  /** `--timeout` ran out. */
  timedOut: boolean
}

export interface RunningContainer {
  containerId: string
  process: ProcessId
  attached: number
}

export interface RunningExec {
  execId: string
  containerId: string
  process: ProcessId
}

interface MonitorStatus {
  containers: RunningContainer[]
  execs: RunningExec[]
  relays: number
}

/** Every request with its answer. */
export interface Calls {
  /**
   * Starts a container. With `attach`, this connection gets its output from the first byte on. `settle: 'client'`
   * says that this client does the clean-up after the exit and then sends `settled`; if it goes away, the monitor does.
   */
  start: {
    request: { run: ContainerRun; attach?: AttachStreams; settle?: 'client' }
    response: { process: ProcessId }
  }
  /** Attaches this connection to a running container. */
  attach: { request: { containerId: string; streams: AttachStreams }; response: { tty: boolean } }
  resize: { request: { containerId: string; size: TerminalSize }; response: Record<string, never> }
  /** Answers when the container is down: with `until: 'settled'`, after its clean-up too. */
  wait: { request: { containerId: string; until: 'exit' | 'settled' }; response: { exit: ContainerExit } }
  /**
   * Sends `signal`, after `timeout` seconds SIGKILL, and answers when the container is down and settled. The monitor
   * carries it to its end even when the client is gone. `killed` tells that the first signal was not enough. With
   * `settle: 'client'` the answer may come before the clean-up, with the same word: then it is this client's, as for
   * `start`.
   */
  stop: {
    request: { containerId: string; signal: number; timeout: number; settle?: 'client' }
    response: { exit: ContainerExit; killed: boolean; settle?: 'client' }
  }
  /** The client's clean-up after an exit is done. */
  settled: { request: { containerId: string }; response: Record<string, never> }
  /** Runs a further program in a container, detached (`exec -d`) or attached. */
  exec: {
    request: { execId: string; containerId: string; launch: Launch; stdin: boolean; attach?: AttachStreams }
    response: { process: ProcessId }
  }
  resizeExec: { request: { execId: string; size: TerminalSize }; response: Record<string, never> }
  /**
   * Relays published ports into the network namespace at `namespace`, to the addresses of `targets` in it, until the
   * container is down or the next `publish` for it; with no ports, only ends what was relayed.
   */
  publish: {
    request: { containerId: string; namespace: string; ports: PortMapping[]; targets: string[] }
    response: Record<string, never>
  }
  status: { request: Record<string, never>; response: MonitorStatus }
}

export type CallName = keyof Calls
export type RequestOf<Name extends CallName> = Calls[Name]['request']
export type ResponseOf<Name extends CallName> = Calls[Name]['response']

/** A request as it travels. Ids are the client's, and unique within a connection. */
export type RequestMessage = {
  [Name in CallName]: { id: number; call: Name; request: RequestOf<Name> }
}[CallName]

export interface WireError {
  code: ErrorCode
  message: string
  context: ErrorContext
}

export interface ResponseMessage {
  id: number
  response?: unknown
  error?: WireError
}

/** What a monitor tells a client that is attached. */
export type EventMessage =
  /** The container or exec is down, and all of its output was sent before this. */
  | { event: 'exit'; exit: ContainerExit }
  | { event: 'exec-exit'; execId: string; exitCode: number; signal: number }

export type ControlMessage = RequestMessage | ResponseMessage | EventMessage

export const HEADER_BYTES = 5
/** Longest payload of a control frame that is accepted. A launch with its program inside fits many times. */
export const MAX_CONTROL_BYTES = 8 << 20
/** Longest payload of a data frame that is accepted. */
export const MAX_DATA_BYTES = 4 << 20

export const writeHeader = (target: Uint8Array, type: FrameType, length: number): void => {
  target[0] = type
  target[1] = length & 0xff
  target[2] = (length >>> 8) & 0xff
  target[3] = (length >>> 16) & 0xff
  target[4] = length >>> 24
}

export const frameHeader = (type: FrameType, length: number): Buffer => {
  const header = Buffer.allocUnsafe(HEADER_BYTES)
  writeHeader(header, type, length)
  return header
}

// A launch may hold its program as bytes; JSON.stringify would write each as a number. It asks a Buffer's toJSON before
// it asks here, so the value is looked up.
function withBytes(this: Record<string, unknown>, key: string, value: unknown): unknown {
  const original = this[key]
  return original instanceof Uint8Array ? { base64: Buffer.from(original).toString('base64') } : value
}

/** A launch's program as it came over the wire or from a file. */
export const decodeProgram = (program: Launch['program'] | { base64: string }): Launch['program'] =>
  typeof program === 'object' && 'base64' in program ? Buffer.from(program.base64, 'base64') : program

export const encodeControl = (message: ControlMessage): Buffer => {
  const payload = Buffer.from(JSON.stringify(message, withBytes))
  return Buffer.concat([frameHeader(FrameType.control, payload.length), payload])
}

/** Who takes what a decoder finds. Data comes in pieces, as it arrives, and is only valid during the call. */
export interface FrameSink {
  control(message: unknown): void
  data(type: Exclude<FrameType, 0>, bytes: Uint8Array): void
  /** The end of standard input. */
  stdinEnd(): void
}

export interface FrameDecoder {
  /** Takes the next bytes of the stream. Throws a TspodError at anything that is no frame: close the connection then. */
  push(chunk: Uint8Array): void
}

const damaged = (message: string): TspodError => new TspodError('damaged', `monitor connection: ${message}`)

const parseControl = (payload: Uint8Array): unknown => {
  try {
    return JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString())
  } catch (error) {
    throw new TspodError('damaged', 'monitor connection: a control frame is not JSON', {}, error)
  }
}

/** Splits a byte stream into frames. Memory is bounded by one control frame. */
export const createFrameDecoder = (sink: FrameSink): FrameDecoder => {
  const header = new Uint8Array(HEADER_BYTES)
  let headerFilled = 0
  let type: FrameType = FrameType.control
  let remaining = 0
  let parts: Buffer[] = []

  const openFrame = () => {
    const length = header[1]! + header[2]! * 0x100 + header[3]! * 0x10000 + header[4]! * 0x1000000
    const kind = header[0]!
    if (kind > FrameType.stderr) throw damaged(`frame of unknown type ${kind}`)
    const most = kind === FrameType.control ? MAX_CONTROL_BYTES : MAX_DATA_BYTES
    if (length > most) throw damaged(`frame of ${length} bytes`)
    type = kind as FrameType
    remaining = length
    if (length > 0) return
    headerFilled = 0
    if (type === FrameType.control) throw damaged('empty control frame')
    if (type === FrameType.stdin) sink.stdinEnd()
  }

  const takePayload = (chunk: Uint8Array) => {
    remaining -= chunk.length
    const ended = remaining === 0
    if (ended) headerFilled = 0
    if (type !== FrameType.control) return sink.data(type, chunk)
    if (ended && parts.length === 0) return sink.control(parseControl(chunk))
    parts.push(Buffer.from(chunk))
    if (!ended) return
    const payload = Buffer.concat(parts)
    parts = []
    sink.control(parseControl(payload))
  }

  return {
    push: (chunk) => {
      let at = 0
      while (at < chunk.length) {
        if (headerFilled < HEADER_BYTES) {
          header[headerFilled++] = chunk[at++]!
          if (headerFilled === HEADER_BYTES) openFrame()
          continue
        }
        const end = Math.min(chunk.length, at + remaining)
        const piece = chunk.subarray(at, end)
        at = end
        takePayload(piece)
      }
    },
  }
}

/** An error as it travels. Anything that is no TspodError is a bug of the monitor's: its stack goes along. */
export const wireError = (error: unknown): WireError => {
  if (error instanceof TspodError) return { code: error.code, message: error.message, context: error.context }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { code: 'system', message: `monitor: ${text}`, context: {} }
}

export const errorFromWire = (wire: WireError): TspodError =>
  new TspodError(wire.code, wire.message, wire.context)
