import { writeFileSync } from 'node:fs'
import type { Kernel, Netlink } from '../kernel'
import { formatIp, type IpBytes, parseIp } from '../kernel/ip'
import { cardMac } from './mac'
import { contains, parseSubnet } from './subnet'
import type { NetworkAttachment, NetworkDefinition } from './types'

/** A card to put into a namespace. */
export interface Card {
  name: string
  mac: string
  mtu: number
  addresses: { ip: IpBytes; length: number; gateway?: IpBytes }[]
}

/** Name of the veth end that stays on the host: it follows from the owner's id, so that it is found after a crash. */
export const hostLinkName = (owner: string, index: number): string =>
  `veth${owner.slice(0, 10)}${index.toString(36)}`

/** The wanted addresses of a subnet, or undefined for whatever is free. */
export const wantedIn = (subnet: string, attachment: NetworkAttachment): IpBytes | undefined => {
  const range = parseSubnet(subnet)
  return attachment.staticIps?.flatMap((text) => parseIp(text) ?? []).find((ip) => contains(range, ip))
}

export const cardFor = (
  attachment: NetworkAttachment & { interfaceName: string },
  definition: NetworkDefinition,
  mtu: number,
  ips: readonly IpBytes[],
): Card => ({
  name: attachment.interfaceName,
  mac: attachment.staticMac ?? cardMac(definition.name, ips[0] ?? new Uint8Array(4)),
  mtu,
  addresses: ips.map((ip) => {
    const { subnet, gateway } = definition.subnets.find((it) => contains(parseSubnet(it.subnet), ip))!
    const { length } = parseSubnet(subnet)
    return { ip, length, gateway: gateway && !definition.internal ? parseIp(gateway) : undefined }
  }),
})

/** What a network state says of a card. */
export const joinedAs = (card: Card, definition: NetworkDefinition) => {
  const [first] = card.addresses
  return {
    name: definition.name,
    interface: card.name,
    address: first ? `${formatIp(first.ip)}/${first.length}` : '',
    gateway: first?.gateway ? formatIp(first.gateway) : '',
    mac: card.mac,
  }
}

const configure = (inside: Netlink, card: Card): void => {
  const { index } = inside.link(card.name)!
  for (const address of card.addresses) inside.addAddress(index, address)
  inside.changeLink(index, { up: true })
  for (const { gateway } of card.addresses) {
    if (gateway) inside.addRoute({ gateway, device: index, metric: DEFAULT_METRIC })
  }
}

/** netavark's metric of default routes: a user can put one of theirs before it. */
const DEFAULT_METRIC = 100

/** Puts a card into the namespace of the open file `namespace`, its other end on the bridge. */
export const attachCard = (
  kernel: Kernel,
  netlink: Netlink,
  namespace: number,
  card: Card,
  host: { link: string; bridge: number },
): void => {
  netlink.deleteLink(host.link)
  netlink.addVeth(
    host.link,
    { master: host.bridge, mtu: card.mtu, up: true },
    { name: card.name, mac: card.mac, mtu: card.mtu, namespace },
  )
  // Where bridged frames pass the IP hooks (br_netfilter), one to a published port of the sender itself turns round here.
  netlink.changeLink(netlink.link(host.link)!.index, { hairpin: true })
  const inside = kernel.inNetworkNamespace(namespace, () => {
    // Announces the address when the card comes up: neighbours may remember the last container that had it.
    writeFileSync(`/proc/sys/net/ipv4/conf/${card.name}/arp_notify`, '1')
    return kernel.openNetlink()
  })
  try {
    configure(inside, card)
  } finally {
    inside.close()
  }
}

const LOOPBACK = 1

/** Brings loopback up in a new namespace. */
export const openLoopback = (kernel: Kernel, namespace: number): void => {
  const inside = kernel.inNetworkNamespace(namespace, () => kernel.openNetlink())
  try {
    inside.changeLink(LOOPBACK, { up: true })
  } finally {
    inside.close()
  }
}
