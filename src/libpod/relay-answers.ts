import { closeSync, writeSync } from 'node:fs'
import type { Kernel } from '../kernel'
import { O } from '../kernel/constants'
import type { IpFamily, Netlink } from '../kernel/netlink'
import { type Opening, openerIn } from '../runtime/inside'

const AF_NETLINK = 16
const SOCK_RAW_CLOEXEC = 0x80003

/** Marks the packets of connections that bear a client's address. */
export const MARK = 0x74737064

/** Tables of routes: for what bears the mark, and for datagrams, which bear none. */
const TABLE = { marked: 0x7473, datagrams: 0x7475 } as const

/** What answers to clients' addresses stays in a network namespace, although those addresses are elsewhere. */
export interface Answers {
  /** Connections of that family may bear a client's address; false where the kernel does not let us. */
  claim(family: IpFamily): boolean
  /** So may datagrams to `port`, until `forget` has been called as often. Throws where the kernel does not let us. */
  expect(address: string, family: IpFamily, port: number): void
  forget(address: string): void
  close(): void
}

const netlinkSocket: Opening = {
  call: 'socket',
  args: [AF_NETLINK, SOCK_RAW_CLOEXEC, 0],
  doing: 'open a socket',
}

const sysctl = (name: string): Opening => ({
  call: 'openat',
  args: [-100, `/proc/sys/net/${name}`, O.WRONLY | O.CLOEXEC, 0],
  doing: `open ${name}`,
})

/**
 * What bears the mark stays inside: accepted connections and refusals take it over from the packet that they answer.
 * Gives the route socket of the namespace.
 */
const claimMarked = (kernel: Kernel, namespace: string, family: IpFamily): Netlink | undefined => {
  const files = [sysctl('ipv4/tcp_fwmark_accept'), sysctl(`ipv${family}/fwmark_reflect`)]
  try {
    const [socket = -1, ...switches] = openerIn(kernel, namespace, [netlinkSocket, ...files]).open()
    const netlink = kernel.openNetlink(socket)
    try {
      netlink.claimMarked(family, MARK, TABLE.marked)
      for (const fd of switches) writeSync(fd, '1')
      return netlink
    } catch (error) {
      netlink.close()
      throw error
    } finally {
      for (const fd of switches) closeSync(fd)
    }
  } catch {
    return undefined
  }
}

/** Claims nothing until it has to: most pods have no clients but this host's. */
export const openAnswers = (kernel: Kernel, namespace: string): Answers => {
  const claimed = new Map<IpFamily, Netlink | undefined>()
  const ports = new Set<string>()
  const expected = new Map<string, { netlink: Netlink; flows: number }>()

  const claim = (family: IpFamily): Netlink | undefined => {
    if (!claimed.has(family)) claimed.set(family, claimMarked(kernel, namespace, family))
    return claimed.get(family)
  }
  return {
    claim: (family) => claim(family) !== undefined,
    // By port and address, not by port alone: the program may also talk to others from that port, over the way out.
    expect: (address, family, port) => {
      const netlink = claim(family)
      if (!netlink) throw new Error(`answers by IPv${family} can't be kept inside`)
      const key = `${family} ${port}`
      if (!ports.has(key)) netlink.claimSentFrom(family, port, TABLE.datagrams)
      ports.add(key)
      const known = expected.get(address)
      if (known) known.flows += 1
      else {
        netlink.claimAddress(address, TABLE.datagrams)
        expected.set(address, { netlink, flows: 1 })
      }
    },
    forget: (address) => {
      const known = expected.get(address)
      if (!known || --known.flows > 0) return
      expected.delete(address)
      known.netlink.disclaimAddress(address, TABLE.datagrams)
    },
    close: () => {
      for (const netlink of claimed.values()) netlink?.close()
    },
  }
}
