import { Errno } from './errno'
import { attribute, IFLA, NLM_F, RTM, u32, VETH_INFO_PEER } from './netlink-messages'
import { type NetlinkPolicy, policyCalls } from './netlink-policy'
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
import { type Failure, failed, NETLINK, openTransport, type Transport } from './netlink-transport'
import type { RawKernel } from './raw'

/**
 * A route socket of the network namespace in which it was opened; it stays there wherever the thread goes. All methods
 * are synchronous and throw an error with the kernel's own explanation where there is one.
 */
export interface Netlink extends NetlinkPolicy {
  links(filter?: { master?: number }): Link[]
  link(name: string): Link | undefined
  /** Makes a bridge. False where the name is taken. (The kernel takes no alias here: `changeLink` sets it.) */
  addBridge(name: string, change?: LinkChange): boolean
  /** Makes a veth pair whose other end appears in the network namespace of the open file `peer.namespace`. */
  addVeth(name: string, change: LinkChange, peer: LinkChange & { name: string; namespace: number }): void
  changeLink(index: number, change: LinkChange): void
  /** Deletes a link, and a veth's peer with it. False where there is none. */
  deleteLink(name: string): boolean
  /** The same on a thread of the pool: the kernel waits for its readers, some 15 ms. */
  deleteLinkAside(name: string): Promise<boolean>
  /** Deletes all links of a group at once: the kernel waits once instead of once per link. On a thread of the pool. */
  deleteGroupAside(group: number): Promise<void>
  addresses(): LinkAddress[]
  /** Adds an address, with its broadcast address, unless it is there. */
  addAddress(index: number, address: Prefix): void
  routes(): Route[]
  addRoute(route: Route): void
  close(): void
}

export interface NetlinkCalls {
  /** A route socket of the network namespace that the main thread is in now; or `socket`, which was made elsewhere. */
  openNetlink(socket?: number): Netlink
}

const CREATE = NLM_F.CREATE | NLM_F.EXCL

const isDeleted = (name: string, failure: Failure | undefined): boolean => {
  if (failure?.errno === Errno.ENODEV) return false
  if (failure) throw failed('delete network interface', name, failure)
  return true
}

const linkCalls = ({ send, sendAside, get, dump }: Transport) => {
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
    deleteLink: (name: string) => isDeleted(name, send(RTM.DELLINK, 0, linkMessage(0, { name }))),
    deleteLinkAside: async (name: string) =>
      isDeleted(name, await sendAside(RTM.DELLINK, 0, linkMessage(0, { name }))),
    deleteGroupAside: async (group: number) => {
      const failure = await sendAside(RTM.DELLINK, 0, linkMessage(0, { group }))
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

export const netlinkCalls = (raw: RawKernel): NetlinkCalls => ({
  openNetlink: (socket) => {
    const transport = openTransport(raw, NETLINK.ROUTE, socket)
    return {
      ...linkCalls(transport),
      ...addressCalls(transport),
      ...policyCalls(transport),
      close: transport.close,
    }
  },
})

export type { IpFamily } from './netlink-policy'
export type { Link, LinkAddress, LinkChange, Prefix, Route } from './netlink-records'
