import { closeSync, writeSync } from 'node:fs'
import type { Kernel } from '../kernel'
import { O } from '../kernel/constants'
import type { Inside } from '../network/relay'
import { type Opening, openerIn } from '../runtime/inside'

const AF = { INET: 2, INET6: 10, NETLINK: 16 } as const
const SOCK = { STREAM: 1, DGRAM: 2, RAW_CLOEXEC: 0x80003, FLAGS: 0x80800 } as const
const EINPROGRESS = 115
const EMFILE = 24

/** Sockets that are made at once: it takes a process, and two a connection would cost more than all the rest. */
const BATCH = { tcp: 64, udp: 8 } as const

/** Marks the packets of connections that carry a client's address, and the table that leads their answers back. */
const MARK = 0x74737064
const TABLE = 0x7473

const socket = (family: number, type: number): Opening => ({
  call: 'socket',
  args: [family, type, 0],
  doing: 'open a socket',
})

const sysctl = (name: string): Opening => ({
  call: 'openat',
  args: [-100, `/proc/sys/net/ipv4/${name}`, O.WRONLY | O.CLOEXEC, 0],
  doing: `open ${name}`,
})

/**
 * Lets a client's address be passed on: what answers to it stays in the namespace, as long as it bears the mark, which
 * accepted connections and refusals take over from the packet that they answer. False where the kernel does not let us.
 */
const claimAnswers = (kernel: Kernel, namespace: string): boolean => {
  const files = [sysctl('tcp_fwmark_accept'), sysctl('fwmark_reflect')]
  try {
    const [route = -1, ...switches] = openerIn(kernel, namespace, [
      socket(AF.NETLINK, SOCK.RAW_CLOEXEC),
      ...files,
    ]).open()
    const netlink = kernel.openNetlink(route)
    try {
      netlink.claimMarked(MARK, TABLE)
      for (const fd of switches) writeSync(fd, '1')
      return true
    } finally {
      netlink.close()
      for (const fd of switches) closeSync(fd)
    }
  } catch {
    return false
  }
}

/** The IPv4 address of a client, unless it is this host itself by loopback. */
const foreignAddress = (client: string | undefined): string | undefined => {
  const address = client?.replace(/^::ffff:/, '')
  return address === undefined || address.includes(':') || address.startsWith('127.') ? undefined : address
}

interface Pool {
  take(): number
  close(): void
}

const openPool = (kernel: Kernel, namespace: string, opening: Opening, size: number): Pool => {
  const opener = openerIn(kernel, namespace, Array<Opening>(size).fill(opening))
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

/**
 * Connections into a network namespace for an ordinary user's relay. Its thread can't come back from there to the
 * host's network, which is not the user's, so sockets are made by a small process inside and handed over.
 */
export const openLentInside = (kernel: Kernel, namespace: string, target: string): Inside => {
  const family = target.includes(':') ? AF.INET6 : AF.INET
  const pools = {
    tcp: openPool(kernel, namespace, socket(family, SOCK.STREAM | SOCK.FLAGS), BATCH.tcp),
    udp: openPool(kernel, namespace, socket(family, SOCK.DGRAM | SOCK.FLAGS), BATCH.udp),
  }
  let passesOn: boolean | undefined
  const bindAs = (fd: number, client: string) => {
    passesOn ??= claimAnswers(kernel, namespace)
    if (passesOn) kernel.bindForeign(fd, client, MARK)
  }
  return {
    connect: (protocol, port, client) => {
      const fd = pools[protocol].take()
      if (fd < 0) return fd
      const address = family === AF.INET ? foreignAddress(client?.()) : undefined
      if (address) bindAs(fd, address)
      const result = kernel.connectSocket(fd, { address: target, port })
      if (result >= 0 || result === -EINPROGRESS) return fd
      kernel.close(fd)
      return result
    },
    close: () => {
      pools.tcp.close()
      pools.udp.close()
    },
  }
}
