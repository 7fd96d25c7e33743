import { TspodError } from '../errors'
import { Errno, errnoName, errnoText } from './errno'
import {
  AF,
  type Answer,
  answers,
  attribute,
  errorOf,
  IFLA,
  message,
  NLM_F,
  NLMSG,
  RTM,
  text,
  u32,
  VETH_INFO_PEER,
} from './netlink-messages'
import {
  addressMessage,
  formatPrefix,
  type Link,
  type LinkAddress,
  type LinkChange,
  linkInfo,
  linkMessage,
  type Prefix,
  parseAddress,
  parseLink,
  parseRoute,
  type Route,
  routeMessage,
} from './netlink-records'
import { checked, type RawKernel } from './raw'

/**
 * A route socket of the network namespace in which it was opened; it stays there wherever the thread goes. All methods
 * are synchronous and throw an error with the kernel's own explanation where there is one.
 */
export interface Netlink {
  links(filter?: { master?: number }): Link[]
  link(name: string): Link | undefined
  /** Makes a bridge. False where the name is taken. (The kernel takes no alias here: `changeLink` sets it.) */
  addBridge(name: string, change?: LinkChange): boolean
  /** Makes a veth pair whose other end appears in the network namespace of the open file `peer.namespace`. */
  addVeth(name: string, change: LinkChange, peer: LinkChange & { name: string; namespace: number }): void
  changeLink(index: number, change: LinkChange): void
  /** Deletes a link, and a veth's peer with it. False where there is none. */
  deleteLink(name: string): boolean
  /** Deletes all links of a group at once: the kernel waits for its readers once instead of once per link. */
  deleteGroup(group: number): void
  addresses(): LinkAddress[]
  /** Adds an address, with its broadcast address, unless it is there. */
  addAddress(index: number, address: Prefix): void
  routes(): Route[]
  addRoute(route: Route): void
  close(): void
}

export interface NetlinkCalls {
  /** Whether nftables has a table of the family `inet` with that name; false too where the kernel has no nftables. */
  hasFirewallTable(name: string): boolean
  /** A route socket of the network namespace that the main thread is in now. */
  openNetlink(): Netlink
}

const NETLINK_ROUTE = 0
const NETLINK_NETFILTER = 12
const SOL_NETLINK = 270
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const NETLINK_GET_STRICT_CHK = 12
const SOCK_RAW_CLOEXEC = 0x80003
// The kernel builds dumps in pieces of at most 32 KB.
const RECEIVE = 65536

interface Failure {
  errno: number
  detail?: string
}

interface Transport {
  /** Sends one request and waits for its acknowledgement; undefined, or why the kernel refused. */
  send(type: number, flags: number, payload: Buffer): Failure | undefined
  dump(type: number, payload: Buffer): Answer[]
  /** Asks for one object; undefined where there is none. */
  get(type: number, payload: Buffer): Answer | undefined
  close(): void
}

const openTransport = (raw: RawKernel, protocol: number): Transport => {
  const fd = checked(raw.call('socket', AF.NETLINK, SOCK_RAW_CLOEXEC, protocol), 'socket', 'netlink')
  // Where the kernel is too old for one of these, answers are longer, barer or unfiltered.
  for (const option of [NETLINK_CAP_ACK, NETLINK_EXT_ACK, NETLINK_GET_STRICT_CHK]) {
    raw.call('setsockopt', fd, SOL_NETLINK, option, u32(1), 4)
  }
  const buffer = Buffer.alloc(RECEIVE)
  let sequence = 0
  const post = (type: number, flags: number, payload: Buffer) => {
    sequence += 1
    const bytes = message(type, flags | NLM_F.REQUEST, sequence, payload)
    checked(raw.call('sendto', fd, bytes, bytes.length, 0, null, 0), 'sendto', 'netlink')
  }
  const receive = (): Answer[] => {
    let length = raw.call('recvfrom', fd, buffer, buffer.length, 0, null, null)
    while (length === -Errno.EINTR) length = raw.call('recvfrom', fd, buffer, buffer.length, 0, null, null)
    checked(length, 'recvfrom', 'netlink')
    return answers(buffer.subarray(0, length)).filter((answer) => answer.sequence === sequence)
  }
  const send = (type: number, flags: number, payload: Buffer): Failure | undefined => {
    post(type, flags | NLM_F.ACK, payload)
    for (;;) {
      const answer = receive().find(({ type }) => type === NLMSG.ERROR)
      if (!answer) continue
      const failure = errorOf(answer)
      return failure.errno ? failure : undefined
    }
  }
  const get = (type: number, payload: Buffer): Answer | undefined => {
    post(type, 0, payload)
    for (;;) {
      const [answer] = receive()
      if (answer) return answer.type === NLMSG.ERROR ? undefined : answer
    }
  }
  const dumpOnce = (type: number, payload: Buffer): Answer[] | undefined => {
    post(type, NLM_F.DUMP, payload)
    const found: Answer[] = []
    let interrupted = false
    for (;;) {
      for (const answer of receive()) {
        interrupted ||= (answer.flags & NLM_F.DUMP_INTR) !== 0
        if (answer.type === NLMSG.DONE) return interrupted ? undefined : found
        if (answer.type === NLMSG.ERROR) throw failed('list', 'network interfaces', errorOf(answer))
        found.push({ ...answer, payload: Buffer.from(answer.payload) })
      }
    }
  }
  return {
    send,
    get,
    dump: (type, payload) => {
      // A list that changed while it was read may lack entries: read it again.
      for (let attempt = 0; attempt < 10; attempt++) {
        const found = dumpOnce(type, payload)
        if (found) return found
      }
      throw failed('list', 'network interfaces', { errno: Errno.EINTR })
    },
    close: () => raw.call('close', fd),
  }
}

const failed = (doing: string, object: string, { errno, detail }: Failure): TspodError =>
  new TspodError('system', `${doing} ${object}: ${errnoText(errno)}${detail ? ` (${detail})` : ''}`, {
    call: 'netlink',
    errno: errnoName(errno),
    object,
  })

const CREATE = NLM_F.CREATE | NLM_F.EXCL

const linkCalls = ({ send, get, dump }: Transport) => {
  const links: Netlink['links'] = (filter = {}) =>
    dump(RTM.GETLINK, linkMessage(0, filter))
      .map(parseLink)
      .filter(({ master }) => filter.master === undefined || master === filter.master)
  return {
    links,
    link: (name: string) => {
      const answer = get(RTM.GETLINK, linkMessage(0, { name }))
      return answer && parseLink(answer)
    },
    addBridge: (name: string, change: LinkChange = {}) => {
      const failure = send(RTM.NEWLINK, CREATE, linkMessage(0, { ...change, name }, linkInfo('bridge')))
      if (failure?.errno === Errno.EEXIST) return false
      if (failure) throw failed('create bridge', name, failure)
      return true
    },
    addVeth: (name: string, change: LinkChange, peer: LinkChange & { name: string; namespace: number }) => {
      const inside = linkMessage(0, peer, attribute(IFLA.NET_NS_FD, u32(peer.namespace)))
      const pair = linkInfo('veth', attribute(VETH_INFO_PEER, inside))
      const failure = send(RTM.NEWLINK, CREATE, linkMessage(0, { ...change, name }, pair))
      if (failure) throw failed('create veth pair', name, failure)
    },
    changeLink: (index: number, change: LinkChange) => {
      const failure = send(RTM.NEWLINK, 0, linkMessage(index, change))
      if (failure) throw failed('change', `network interface ${index}`, failure)
    },
    deleteLink: (name: string) => {
      const failure = send(RTM.DELLINK, 0, linkMessage(0, { name }))
      if (failure?.errno === Errno.ENODEV) return false
      if (failure) throw failed('delete network interface', name, failure)
      return true
    },
    deleteGroup: (group: number) => {
      const failure = send(RTM.DELLINK, 0, linkMessage(0, { group }))
      if (failure) throw failed('delete network interfaces of', `group ${group}`, failure)
    },
  }
}

/** struct ifaddrmsg and struct rtmsg of all zeroes ask for everything. */
const everything = (length: number): Buffer => Buffer.alloc(length)

const addressCalls = ({ send, dump }: Transport) => ({
  addresses: () => dump(RTM.GETADDR, everything(8)).flatMap((answer) => parseAddress(answer) ?? []),
  addAddress: (index: number, address: Prefix) => {
    const failure = send(RTM.NEWADDR, CREATE, addressMessage(index, address))
    if (failure && failure.errno !== Errno.EEXIST) throw failed('add address', formatPrefix(address), failure)
  },
  routes: () => dump(RTM.GETROUTE, everything(12)).flatMap((answer) => parseRoute(answer) ?? []),
  addRoute: (route: Route) => {
    const failure = send(RTM.NEWROUTE, CREATE, routeMessage(route))
    const name = route.destination ? formatPrefix(route.destination) : 'default'
    if (failure && failure.errno !== Errno.EEXIST) throw failed('add route', name, failure)
  },
})

// From linux/netfilter/nf_tables.h: subsystem 10, message 1, and a header that holds the family.
const NFT_GETTABLE = (10 << 8) | 1
const NFTA_TABLE_NAME = 1
const NFPROTO_INET = 1

const hasTable = (transport: Transport, name: string): boolean => {
  const payload = Buffer.concat([
    Buffer.from([NFPROTO_INET, 0, 0, 0]),
    attribute(NFTA_TABLE_NAME, text(name)),
  ])
  return transport.get(NFT_GETTABLE, payload) !== undefined
}

export const netlinkCalls = (raw: RawKernel): NetlinkCalls => ({
  hasFirewallTable: (name) => {
    let transport: Transport | undefined
    try {
      transport = openTransport(raw, NETLINK_NETFILTER)
      return hasTable(transport, name)
    } catch {
      return false
    } finally {
      transport?.close()
    }
  },
  openNetlink: () => {
    const transport = openTransport(raw, NETLINK_ROUTE)
    return { ...linkCalls(transport), ...addressCalls(transport), close: transport.close }
  },
})

export type { Link, LinkAddress, LinkChange, Prefix, Route } from './netlink-records'
