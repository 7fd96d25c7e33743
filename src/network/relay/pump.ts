import { Socket } from 'node:net'
import type { RelayKernel } from './types'

/** One end of a connection: Node reads from it, and writes to it where the kernel does not take all at once. */
export interface End {
  socket: Socket
  /** Its descriptor, open as long as `socket` is not destroyed. */
  fd: number
}

/** Bytes read at once. Larger ones gain nothing more: a quarter of a megabyte keeps up with the kernel's own path. */
export const BUFFER_SIZE = 256 * 1024

const EAGAIN = 11

/**
 * What to do with the bytes that are read from one end. They are sent on before anything else is read, so all
 * connections share one buffer. What the other end's socket does not take is copied and left to Node, and nothing more
 * is read until it is gone: a slow reader costs at most one buffer. `moved` hears how much went on, and tells whether
 * there is more to read.
 */
export const sendOn =
  (kernel: RelayKernel, from: () => End, to: () => End, moved: (length: number) => boolean) =>
  (length: number, buffer: Uint8Array): boolean => {
    const { socket, fd } = to()
    // A socket that is gone may have had its descriptor's number given to another.
    if (socket.destroyed) return false
    const sent = kernel.sendSocket(fd, buffer, length)
    if (sent === length) return moved(length)
    if (sent < 0 && sent !== -EAGAIN) {
      reset(from().socket)
      reset(socket)
      return false
    }
    const rest = Buffer.from(buffer.subarray(Math.max(sent, 0), length))
    socket.write(rest, () => from().socket.resume())
    return false
  }

/** A socket that reads into the shared buffer. Reading starts with `resume`. */
export const endOf = (
  source: { fd: number } | { handle: object },
  buffer: Uint8Array,
  callback: (length: number, buffer: Uint8Array) => boolean,
): Socket => {
  // `handle` is what net.Server itself passes; it is not in the types.
  const options = { ...source, allowHalfOpen: true, onread: { buffer, callback } }
  return new Socket(options as ConstructorParameters<typeof Socket>[0])
}

/** Ends a connection as its other half ended: with a reset, where one can still be sent. */
const reset = (socket: Socket): void => {
  if (socket.destroyed) return
  // While a shutdown is on its way libuv refuses, and would leave the descriptor open.
  if (socket.writableEnded && !socket.writableFinished) socket.destroy()
  else socket.resetAndDestroy()
}

/** Ends one direction when its source has ended, and both with a reset when one of them fails. */
export const tie = (one: Socket, other: Socket, done: () => void): void => {
  const follow = (source: Socket, sink: Socket) => {
    source.on('end', () => sink.end())
    source.on('error', () => reset(sink))
    source.on('close', () => {
      // Closed before its end was read: nothing more will come, nor can anything be sent to it.
      if (!source.readableEnded) reset(sink)
      if (one.destroyed && other.destroyed) done()
    })
  }
  follow(one, other)
  follow(other, one)
}

/** Bytes and milliseconds: a connection that moves so many in so few is worth a process of its own. */
const BULK = { bytes: 1 << 20, time: 12 } as const

/** Counts what a connection moves; true at the end of each stretch in which it was fast. */
export const createMeter = (): ((length: number) => boolean) => {
  let since = performance.now()
  let bytes = 0
  return (length) => {
    bytes += length
    if (bytes < BULK.bytes) return false
    const now = performance.now()
    const took = now - since
    since = now
    bytes = 0
    return took < BULK.time
  }
}

// Nothing is on its way through us: all that was read has been sent, and no end is being told.
const isAtRest = (socket: Socket): boolean =>
  !socket.destroyed && socket.writableLength === 0 && socket.writableEnded === socket.writableFinished

/** Lets go of both ends without ending the connection, if `take` takes them over. */
export const handOver = (one: End, other: End, take: (one: number, other: number) => boolean): boolean => {
  if (!isAtRest(one.socket) || !isAtRest(other.socket) || !take(one.fd, other.fd)) return false
  for (const { socket } of [one, other]) socket.removeAllListeners().destroy()
  return true
}
