import { writeSync } from 'node:fs'
import type { Socket } from 'node:net'
import { type ControlMessage, createFrameDecoder, encodeControl, FrameType } from '../messages'
import type { OutputTarget } from './streams'

/** A client of the monitor, on its monitor's side. */
export interface Connection extends OutputTarget {
  send(message: ControlMessage): void
  /** Ends it once everything is sent. */
  end(): void
  readonly closed: boolean
  /** Settles when the client is gone. */
  readonly gone: Promise<void>
}

export interface ConnectionEvents {
  /** A control frame came; what it holds is unchecked. */
  control(connection: Connection, message: unknown): void
  input(connection: Connection, bytes: Uint8Array): void
  inputEnd(connection: Connection): void
  /** Everything that waited was sent. */
  drained(connection: Connection): void
  closed(connection: Connection): void
}

// Writing to the descriptor itself needs no copy of the data; Node's own write keeps the memory until it is through.
const descriptorOf = (socket: Socket): number =>
  (socket as unknown as { _handle?: { fd?: number } })._handle?.fd ?? -1

const writeNow = (fd: number, bytes: Buffer, length: number): number => {
  try {
    return fd < 0 ? 0 : writeSync(fd, bytes, 0, length)
  } catch {
    // EAGAIN: the client is slow. Anything else comes up again as the socket's own error.
    return 0
  }
}

/** Speaks frames with a client. Whatever it sends or does, at worst its own connection is closed. */
export const openConnection = (socket: Socket, events: ConnectionEvents): Connection => {
  let closed = false
  let leave: () => void = () => {}
  const gone = new Promise<void>((resolve) => {
    leave = resolve
  })

  const afterWrite = () => {
    if (socket.writableLength === 0) events.drained(connection)
  }
  const sendFrame = (frame: Buffer, length: number): boolean => {
    if (closed || !socket.writable) return true
    const written = socket.writableLength === 0 ? writeNow(descriptorOf(socket), frame, length) : 0
    if (written < length) socket.write(Buffer.from(frame.subarray(written, length)), afterWrite)
    return socket.writableLength === 0
  }
  const connection: Connection = {
    get closed() {
      return closed
    },
    get waiting() {
      return !closed && socket.writableLength > 0
    },
    gone,
    send: (message) => {
      if (!closed && socket.writable) socket.write(encodeControl(message))
    },
    sendFrame,
    end: () => {
      socket.end()
    },
    pauseInput: () => {
      socket.pause()
    },
    resumeInput: () => {
      if (!closed && socket.isPaused()) socket.resume()
    },
  }

  const decoder = createFrameDecoder({
    control: (message) => events.control(connection, message),
    data: (type, bytes) => {
      if (type === FrameType.stdin) events.input(connection, bytes)
    },
    stdinEnd: () => events.inputEnd(connection),
  })
  socket.on('data', (chunk: Buffer) => {
    try {
      decoder.push(chunk)
    } catch {
      socket.destroy()
    }
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => {
    closed = true
    leave()
    events.closed(connection)
  })
  return connection
}
