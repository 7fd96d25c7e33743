import { Socket } from 'node:net'

/** Standard input of a program, as its monitor writes it. */
export interface InputWriter {
  /** Takes a copy of `bytes`. False where so much waits that the writer should pause until `drained`. */
  write(bytes: Uint8Array): boolean
  /** The program reads the end of input. Without effect on a terminal. */
  end(): void
  close(): void
}

/** Bytes that may wait for a program that does not read. */
const MOST_WAITING = 64 << 10

const onSocket = (socket: Socket, drained: () => void): InputWriter['write'] => {
  return (bytes) => {
    if (!socket.writable) return true
    socket.write(Buffer.from(bytes), () => {
      if (socket.writableLength <= MOST_WAITING / 2) drained()
    })
    return socket.writableLength <= MOST_WAITING
  }
}

/** Writes to `fd`, the non-blocking write end of a pipe, which then belongs to the writer. */
export const writePipe = (fd: number, drained: () => void): InputWriter => {
  const socket = new Socket({ fd, readable: false, writable: true })
  // EPIPE: the program closed its input. Whoever waits to write more must not wait for ever.
  socket.on('error', drained).on('close', drained)
  return {
    write: onSocket(socket, drained),
    end: () => {
      socket.end(() => socket.destroy())
    },
    close: () => {
      socket.destroy()
    },
  }
}

/** Writes to a terminal through the stream that reads it. */
export const writeTerminal = (socket: Socket, drained: () => void): InputWriter => {
  socket.on('close', drained)
  return { write: onSocket(socket, drained), end: () => {}, close: () => {} }
}
