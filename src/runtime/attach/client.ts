import { connect, Socket } from 'node:net'
import { TspodError } from '../../errors'
import {
  type CallName,
  createFrameDecoder,
  type EventMessage,
  encodeControl,
  errorFromWire,
  FrameType,
  frameHeader,
  type OutputStream,
  type RequestOf,
  type ResponseMessage,
  type ResponseOf,
} from '../messages'
import { monitorSocket, withSocketPath } from '../monitor/paths'
import { ReadBuffers } from './read-buffers'

/** Takes what a client is sent beside the answers to its calls. */
export interface ClientSink {
  /**
   * Output of the container it is attached to. The bytes are the sink's until it calls `release`; the client reads on
   * only as far as it has memory for.
   */
  output(stream: OutputStream, bytes: Uint8Array, release: () => void): void
  event(event: EventMessage): void
}

interface Pending {
  resolve(response: unknown): void
  reject(error: unknown): void
}

const lost = (): TspodError => new TspodError('state', 'the monitor is gone')

const isEvent = (message: unknown): message is EventMessage =>
  typeof message === 'object' && message !== null && 'event' in message

/** A connection to a monitor. */
export class MonitorClient {
  private readonly socket: Socket
  private readonly buffers = new ReadBuffers(() => this.socket.resume())
  private readonly pending = new Map<number, Pending>()
  private lastId = 0
  private sink?: ClientSink
  private isClosed = false
  /** Settles when the connection is over, by whichever side. */
  readonly closed: Promise<void>

  private constructor(open: (onread: object) => Socket) {
    const decoder = this.createDecoder()
    const onread = {
      buffer: () => this.buffers.next(),
      callback: (length: number, chunk: Uint8Array): boolean => {
        const release = this.buffers.take(chunk)
        try {
          decoder.push(chunk.subarray(0, length))
        } catch {
          this.socket.destroy()
        }
        release()
        return !this.buffers.mustPause()
      },
    }
    this.socket = open(onread)
    this.socket.on('error', () => this.socket.destroy())
    this.closed = new Promise((resolve) => this.socket.on('close', () => resolve()))
    void this.closed.then(() => this.over())
  }

  /** Speaks with a monitor over a descriptor: one end of a pair, the other end of which the monitor was started with. */
  static onDescriptor(fd: number): MonitorClient {
    return new MonitorClient((onread) => {
      const options = { fd, readable: true, writable: true, onread }
      return new Socket(options as object)
    })
  }

  /** Connects to the monitor of a sandbox; undefined where none listens. */
  static async connect(runroot: string, sandboxId: string): Promise<MonitorClient | undefined> {
    return withSocketPath(monitorSocket(runroot, sandboxId), async (path) => {
      const client = new MonitorClient((onread) => connect({ path, onread } as { path: string }))
      const connected = new Promise<boolean>((resolve) => client.socket.once('connect', () => resolve(true)))
      return (await Promise.race([connected, client.closed.then(() => false)])) ? client : undefined
    }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    })
  }

  private createDecoder() {
    return createFrameDecoder({
      control: (message) => (isEvent(message) ? this.sink?.event(message) : this.answered(message)),
      data: (type, bytes) => {
        if (type === FrameType.stdin || !this.sink) return
        const stream = type === FrameType.stdout ? 'stdout' : 'stderr'
        this.sink.output(stream, bytes, this.buffers.hold())
      },
      stdinEnd: () => {},
    })
  }

  private answered(message: unknown): void {
    const { id, response, error } = message as ResponseMessage
    const pending = this.pending.get(id)
    this.pending.delete(id)
    if (error) pending?.reject(errorFromWire(error))
    else pending?.resolve(response)
  }

  private over(): void {
    this.isClosed = true
    for (const { reject } of this.pending.values()) reject(lost())
    this.pending.clear()
  }

  /** Who gets output and events. Set it before the call that attaches. */
  listen(sink: ClientSink): void {
    this.sink = sink
  }

  /** Asks the monitor. Rejects with its error, or with `state` when the connection is lost before the answer. */
  call<Name extends CallName>(call: Name, request: RequestOf<Name>): Promise<ResponseOf<Name>> {
    if (this.isClosed) return Promise.reject(lost())
    const id = ++this.lastId
    return new Promise<ResponseOf<Name>>((resolve, reject) => {
      this.pending.set(id, { resolve: resolve as Pending['resolve'], reject })
      this.socket.write(encodeControl({ id, call, request } as Parameters<typeof encodeControl>[0]))
    })
  }

  /** Sends standard input. False where the caller should wait for `drained`. */
  writeInput(bytes: Uint8Array, drained: () => void): boolean {
    if (this.isClosed || bytes.length === 0) return true
    this.socket.write(frameHeader(FrameType.stdin, bytes.length))
    return this.socket.write(bytes, () => drained())
  }

  endInput(): void {
    if (!this.isClosed) this.socket.write(frameHeader(FrameType.stdin, 0))
  }

  /** Lets the process end while the connection is open, or not. */
  keepAlive(keep: boolean): void {
    if (keep) this.socket.ref()
    else this.socket.unref()
  }

  /** Ends the connection at once; what was to be sent is sent first. */
  close(): void {
    this.socket.destroySoon()
  }
}
