import { readSync } from 'node:fs'
import { Socket } from 'node:net'
import type { ReadBuffer } from './read-buffer'

/** One output stream of a container, as its monitor reads it. */
export interface OutputReader {
  /** The stream behind it; that of a terminal takes input too. */
  readonly socket: Socket
  pause(): void
  resume(): void
  /** The program is down: reads what is still there, not waiting for whoever else holds the stream, and closes it. */
  finish(): void
}

export interface OutputSink {
  /** The first `length` bytes of the buffer were read. False asks for a pause. */
  data(length: number): boolean
  /** All was read; nothing comes after this. Also told at the end of `finish`. */
  end(): void
}

/** More than a pipe holds: what a program wrote before it ended is below this, what a survivor floods in may not be. */
const MOST_LEFTOVERS = 8 << 20

const readNow = (fd: number, data: Buffer): number => {
  try {
    return readSync(fd, data, 0, data.length, null)
  } catch {
    // EAGAIN: nothing left. EIO: a terminal that nobody holds any more.
    return 0
  }
}

const openSocket = (fd: number, kind: 'pipe' | 'terminal', onread: object): Socket => {
  if (kind === 'pipe') return new Socket({ fd, readable: true, writable: false, onread } as object)
  const { ReadStream } = require('node:tty') as typeof import('node:tty')
  return new ReadStream(fd, { onread } as object).resume()
}

/**
 * Reads `fd`, a non-blocking pipe or the non-blocking master side of a terminal, which then belongs to the reader.
 * A read error is the end: a terminal without a holder gives EIO.
 */
export const readOutput = (
  fd: number,
  kind: 'pipe' | 'terminal',
  { data }: ReadBuffer,
  sink: OutputSink,
): OutputReader => {
  let ended = false
  const socket = openSocket(fd, kind, { buffer: data, callback: (length: number) => sink.data(length) })
  const end = () => {
    if (ended) return
    ended = true
    sink.end()
  }
  socket.on('end', end).on('error', end).on('close', end)

  const readLeftovers = () => {
    for (let total = 0; total < MOST_LEFTOVERS; ) {
      const length = readNow(fd, data)
      if (length <= 0) return
      total += length
      sink.data(length)
    }
  }

  return {
    socket,
    pause: () => {
      if (!ended) socket.pause()
    },
    resume: () => {
      if (!ended) socket.resume()
    },
    finish: () => {
      if (!ended) {
        socket.pause()
        readLeftovers()
      }
      end()
      socket.destroy()
    },
  }
}
