import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from 'node:dgram'
import type { Inside, RelayKernel } from './types'

export interface UdpRelay {
  /** Forwards the datagrams of the bound socket `fd` to `port` inside, and the answers back. */
  serve(fd: number, port: number): void
  readonly active: number
  close(): void
}

/** The way of one client's datagrams: a socket inside, so that answers find back. */
interface Flow {
  fd: number
  socket: Socket
  used: number
}

/** Seconds after which a silent client is forgotten; the kernel's own translation keeps flows as long. */
const IDLE = 60
const SWEEP = 15

const ECONNREFUSED = 111

/** Clients at once for one port. The longest silent one makes room: a flood of forged addresses costs no more. */
const MAXIMUM = 1024

const wrap = (fd: number, type: 'udp4' | 'udp6'): Socket => {
  // Addresses are never names, and Node would look each one up a tick later.
  const lookup = (
    address: string,
    _options: unknown,
    done: (error: null, address: string, family: number) => void,
  ) => done(null, address, type === 'udp6' ? 6 : 4)
  const socket = createSocket({ type, lookup: lookup as SocketOptions['lookup'] })
  // An unreachable client or program is not the relay's concern: the datagram is lost, as on any network.
  socket.on('error', () => undefined)
  socket.bind({ fd })
  return socket
}

const familyOf = (kernel: RelayKernel, fd: number): 'udp4' | 'udp6' =>
  kernel.socketAddress(fd).address.includes(':') ? 'udp6' : 'udp4'

const seconds = (): number => process.hrtime()[0]

export const openUdpRelay = (kernel: RelayKernel, inside: Inside): UdpRelay => {
  const hosts: { socket: Socket; flows: Map<string, Flow> }[] = []
  let timer: NodeJS.Timeout | undefined

  const drop = (flows: Map<string, Flow>, key: string) => {
    const flow = flows.get(key)
    if (!flow) return
    inside.release?.(flow.fd)
    flow.socket.close()
    flows.delete(key)
  }

  const sweep = () => {
    const oldest = seconds() - IDLE
    for (const { flows } of hosts) {
      for (const [key, { used }] of flows) if (used < oldest) drop(flows, key)
    }
    if (hosts.some(({ flows }) => flows.size)) return
    clearInterval(timer)
    timer = undefined
  }

  /** A socket inside that has sent the client's first datagram. */
  const firstSent = (port: number, client: RemoteInfo, datagram: Uint8Array): number => {
    const fd = inside.connect('udp', port, () => client)
    if (fd < 0) return fd
    kernel.sendSocket(fd, datagram, datagram.length)
    if (kernel.socketError(fd) !== -ECONNREFUSED) return fd
    // Nobody listens there by the client's family, or on more than loopback.
    inside.release?.(fd)
    kernel.close(fd)
    const plain = inside.connect('udp', port)
    if (plain >= 0) kernel.sendSocket(plain, datagram, datagram.length)
    return plain
  }

  const newFlow = (
    host: Socket,
    port: number,
    client: RemoteInfo,
    datagram: Uint8Array,
  ): Flow | undefined => {
    const fd = firstSent(port, client, datagram)
    if (fd < 0) return undefined
    const socket = wrap(fd, familyOf(kernel, fd))
    const flow = { fd, socket, used: 0 }
    socket.on('message', (datagram) => {
      flow.used = seconds()
      host.send(datagram, client.port, client.address)
    })
    timer ??= setInterval(sweep, SWEEP * 1000).unref()
    return flow
  }

  return {
    serve: (fd, port) => {
      const flows = new Map<string, Flow>()
      const host = wrap(fd, familyOf(kernel, fd))
      hosts.push({ socket: host, flows })
      host.on('message', (datagram, client) => {
        const key = `${client.address} ${client.port}`
        const known = flows.get(key)
        const flow = known ?? newFlow(host, port, client, datagram)
        if (!flow) return
        flow.used = seconds()
        // Set anew, so that the map stays in the order of use.
        flows.delete(key)
        flows.set(key, flow)
        if (flows.size > MAXIMUM) drop(flows, flows.keys().next().value!)
        if (known) kernel.sendSocket(flow.fd, datagram, datagram.length)
      })
    },
    get active() {
      return hosts.reduce((sum, { flows }) => sum + flows.size, 0)
    },
    close: () => {
      clearInterval(timer)
      for (const { socket, flows } of hosts) {
        for (const key of [...flows.keys()]) drop(flows, key)
        socket.close()
      }
    },
  }
}
