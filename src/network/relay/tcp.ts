import { createServer, type Server, type Socket } from 'node:net'
import { BACKLOG } from './listen'
import { BUFFER_SIZE, type End, endOf, sendOn, tie } from './pump'
import type { Inside, RelayKernel } from './types'

export interface TcpRelay {
  /** Forwards what the listening socket `fd` accepts to `port` inside. */
  serve(fd: number, port: number): void
  readonly active: number
  close(): void
}

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

export const openTcpRelay = (kernel: RelayKernel, inside: Inside): TcpRelay => {
  const servers: Server[] = []
  const open = new Set<Socket>()
  // Made with the first connection and let go with the last, so that an idle relay costs nothing.
  let buffer: Buffer | undefined

  const forget = (...sockets: Socket[]) => {
    for (const socket of sockets) open.delete(socket)
    if (open.size === 0) buffer = undefined
  }

  const forward = (accepted: Socket, port: number): void => {
    const fd = inside.connect('tcp', port)
    if (fd < 0) {
      accepted.resetAndDestroy()
      return
    }
    buffer ??= Buffer.allocUnsafeSlow(BUFFER_SIZE)
    const handle = takeHandle(accepted)
    const outer: End = {
      fd: handle.fd,
      socket: endOf(
        { handle },
        buffer,
        sendOn(
          kernel,
          () => outer,
          () => inner,
        ),
      ),
    }
    const inner: End = {
      fd,
      socket: endOf(
        { fd },
        buffer,
        sendOn(
          kernel,
          () => inner,
          () => outer,
        ),
      ),
    }
    inner.socket.setNoDelay(true)
    open.add(outer.socket).add(inner.socket)
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
      return open.size / 2
    },
    close: () => {
      for (const server of servers) server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
