import type { Kernel, SocketAddress } from '../kernel'
import type { IpFamily } from '../kernel/netlink'
import type { Inside } from '../network/relay'
import { openerIn } from '../runtime/inside'
import { MARK, openAnswers } from './relay-answers'

type Protocol = 'tcp' | 'udp'

const AF = { 4: 2, 6: 10 } as const
const SOCK = { tcp: 1, udp: 2, NONBLOCK_CLOEXEC: 0x80800 } as const
const EINPROGRESS = 115
const EMFILE = 24
const EADDRNOTAVAIL = 99

/** Sockets that are made at once: it takes a process, and two a connection would cost more than all the rest. */
const BATCH = { tcp: 64, udp: 8 } as const

const LOOPBACK = { 4: '127.0.0.1', 6: '::1' } as const

interface Pool {
  take(): number
  close(): void
}

const openPool = (kernel: Kernel, namespace: string, family: IpFamily, protocol: Protocol): Pool => {
  const opening = {
    call: 'socket',
    args: [AF[family], SOCK[protocol] | SOCK.NONBLOCK_CLOEXEC, 0],
    doing: 'open a socket',
  } as const
  const opener = openerIn(kernel, namespace, Array<typeof opening>(BATCH[protocol]).fill(opening))
  let ready: number[] = []
  return {
    take: () => {
      try {
        if (ready.length === 0) ready = opener.open()
        return ready.pop() ?? -EMFILE
      } catch {
        return -EMFILE
      }
    },
    close: () => {
      for (const fd of ready.splice(0)) kernel.close(fd)
    },
  }
}

interface Client extends SocketAddress {
  family: IpFamily
  /** It is this host itself by loopback. */
  loopback: boolean
}

const clientOf = (from: SocketAddress | undefined): Client | undefined => {
  const address = from?.address.replace(/^::ffff:/, '')
  // An address with a scope is of one link of the host, which the namespace does not have.
  if (!from || !address || address.includes('%')) return undefined
  const family = address.includes(':') ? 6 : 4
  const loopback = address === LOOPBACK[6] || address.startsWith('127.')
  return { address, port: from.port, family, loopback }
}

/**
 * Connections into a network namespace for an ordinary user's relay. Its thread can't come back from there to the
 * host's network, which is not the user's, so sockets are made by a small process inside and handed over. Where the
 * kernel lets it, they bear the client's own address.
 */
export const openLentInside = (kernel: Kernel, namespace: string, target: string): Inside => {
  const answers = openAnswers(kernel, namespace)
  const pools = new Map<string, Pool>()
  /** The clients' addresses that UDP sockets bear. */
  const borne = new Map<number, string>()

  const take = (family: IpFamily, protocol: Protocol): number => {
    const key = `${family} ${protocol}`
    const pool = pools.get(key) ?? openPool(kernel, namespace, family, protocol)
    pools.set(key, pool)
    return pool.take()
  }
  const connect = (fd: number, to: SocketAddress): number => {
    const result = kernel.connectSocket(fd, to)
    if (result >= 0 || result === -EINPROGRESS) return fd
    kernel.close(fd)
    return result
  }
  const bearByTcp = (fd: number, { address, family }: Client): boolean =>
    answers.claim(family) && kernel.bindForeign(fd, { address, port: 0 }, MARK) >= 0
  const bearByUdp = (fd: number, client: Client, port: number): boolean => {
    try {
      answers.expect(client.address, client.family, port)
      borne.set(fd, client.address)
    } catch {
      return false
    }
    return kernel.bindForeign(fd, client, MARK) >= 0
  }
  const release = (fd: number): void => {
    const address = borne.get(fd)
    borne.delete(fd)
    if (address !== undefined) answers.forget(address)
  }

  /** As the client itself, where that can be. */
  const connectAs = (client: Client, protocol: Protocol, port: number): number => {
    const fd = take(client.family, protocol)
    if (fd < 0) return fd
    const to = { address: LOOPBACK[client.family] as string, port }
    if (!client.loopback) {
      // An address that is the namespace's own as well, as pasta makes it: answers to it come from that one too.
      if (protocol === 'udp' && kernel.bindSocket(fd, client) === 0) to.address = client.address
      else if (!(protocol === 'tcp' ? bearByTcp(fd, client) : bearByUdp(fd, client, port))) {
        release(fd)
        kernel.close(fd)
        return -EADDRNOTAVAIL
      }
    }
    const connected = connect(fd, to)
    if (connected < 0) release(fd)
    // The answer of our own loopback is there at once.
    const refused = connected < 0 || client.family === 4 ? 0 : kernel.socketError(connected)
    if (refused === 0) return connected
    release(fd)
    kernel.close(fd)
    return refused
  }

  const family = target.includes(':') ? 6 : 4
  return {
    connect: (protocol, port, from) => {
      const client = target === LOOPBACK[4] ? clientOf(from?.()) : undefined
      if (client && !(client.family === 4 && client.loopback)) {
        const fd = connectAs(client, protocol, port)
        if (fd >= 0) return fd
      }
      // Nobody listens by IPv6, or the address can't be borne.
      const fd = take(family, protocol)
      return fd < 0 ? fd : connect(fd, { address: target, port })
    },
    release,
    close: () => {
      for (const pool of pools.values()) pool.close()
      answers.close()
    },
  }
}
