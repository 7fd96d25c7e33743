import { createServer, type Server, type Socket } from 'node:net'
import type { SocketAddress } from '../../kernel'
import { BACKLOG } from './listen'
import { BUFFER_SIZE, createMeter, type End, endOf, handOver, sendOn, tie } from './pump'
import type { Inside, RelayKernel, Splicer } from './types'

export interface TcpRelay {
  /** Forwards what the listening socket `fd` accepts to `port` inside. */
  serve(fd: number, port: number): void
  readonly active: number
  close(): void
}

/**
 * Sockets at once whose memory is worth giving back when all of them are gone, and the milliseconds until then. V8 gives
 * up its space for young objects, 32 MB, only where little was made in the five seconds before.
 */
const MANY = 200
const CALM = [1000, 6000] as const

interface Handle {
  fd: number
}

/** Takes the accepted connection out of the socket that net.Server wraps it in, which can't read into a given buffer. */
const takeHandle = (accepted: Socket): Handle => {
  const wrapper = accepted as unknown as { _handle: Handle | null }
  const handle = wrapper._handle!
  wrapper._handle = null
  return handle
}

const addressOf = ({ remoteAddress: address, remotePort: port = 0 }: Socket): SocketAddress | undefined =>
  address === undefined ? undefined : { address, port }

export const openTcpRelay = (kernel: RelayKernel, inside: Inside, splicer?: Splicer): TcpRelay => {
  const servers: Server[] = []
  const open = new Set<Socket>()
  /** What cuts off the connections that the splicer has. */
  const spliced = new Set<() => void>()
  let most = 0
  let idle: NodeJS.Timeout | undefined
  // Made with the first connection and let go with the last, so that an idle relay costs nothing.
  let buffer: Buffer | undefined

  const forget = (...sockets: Socket[]) => {
    for (const socket of sockets) open.delete(socket)
    if (open.size > 0) return
    buffer = undefined
    // A moment later, as the sockets' last callbacks are still to come.
    if (most >= MANY) restAfter(...CALM)
  }
  const restAfter = (delay?: number, ...later: number[]) => {
    clearTimeout(idle)
    if (delay === undefined) most = 0
    else idle = setTimeout(() => rest(later), delay).unref()
  }
  const rest = (later: number[]) => {
    if (open.size > 0) return
    kernel.releaseMemory()
    restAfter(...later)
  }

  const splice = (outer: End, inner: End): boolean =>
    handOver(outer, inner, (one, other) => {
      const cut = splicer?.take(one, other, () => {
        if (cut) spliced.delete(cut)
      })
      if (!cut) return false
      spliced.add(cut)
      forget(outer.socket, inner.socket)
      return true
    })

  const forward = (accepted: Socket, port: number): void => {
    const fd = inside.connect('tcp', port, () => addressOf(accepted))
    if (fd < 0) {
      accepted.resetAndDestroy()
      return
    }
    buffer ??= Buffer.allocUnsafeSlow(BUFFER_SIZE)
    const handle = takeHandle(accepted)
    const isBulk = createMeter()
    const moved = (length: number) => !isBulk(length) || !splice(outer, inner)
    const outward = sendOn(
      kernel,
      () => inner,
      () => outer,
      moved,
    )
    const inward = sendOn(
      kernel,
      () => outer,
      () => inner,
      moved,
    )
    const outer: End = { fd: handle.fd, socket: endOf({ handle }, buffer, inward) }
    const inner: End = { fd, socket: endOf({ fd }, buffer, outward) }
    inner.socket.setNoDelay(true)
    open.add(outer.socket).add(inner.socket)
    most = Math.max(most, open.size)
    tie(outer.socket, inner.socket, () => forget(outer.socket, inner.socket))
    outer.socket.resume()
    inner.socket.resume()
  }

  return {
    serve: (fd, port) => {
      const options = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true }
      const server = createServer(options, (accepted) => forward(accepted, port))
      // Accepting fails for a while when descriptors run out; the listening socket stays.
      server.on('error', () => undefined)
      server.listen({ fd }, BACKLOG)
      servers.push(server)
    },
    get active() {
      return open.size / 2 + spliced.size
    },
    close: () => {
      clearTimeout(idle)
      for (const server of servers) server.close()
      for (const socket of open) socket.destroy()
      for (const cut of spliced) cut()
    },
  }
}
