import { writeFileSync } from 'node:fs'
import { TspodError } from '../errors'
import type { Link, Netlink } from '../kernel'
import { parseIp } from '../kernel/ip'
import { DEFAULT_NETWORK, redefineDefault } from './definitions'
import { usedRanges } from './free-range'
import { bridgeMac } from './mac'
import { NAMESPACES, withFolderLock } from './namespace'
import { overlaps, parseSubnet } from './subnet'
import type { NetworkDefinition, NetworkHome } from './types'

/** A network whose bridge is up. */
export interface ReadyNetwork {
  definition: NetworkDefinition
  bridge: Link
  /** The bridge is new: nothing of the network's firewall rules is there yet. */
  fresh: boolean
}

const DEFAULT_MTU = 1500

/** The smallest packet size that the ways out allow: larger ones would vanish where ICMP does. */
const mtuOf = (netlink: Netlink, links: readonly Link[], definition: NetworkDefinition): number => {
  const given = Number(definition.options?.mtu)
  if (given > 0) return given
  const exits = new Set(
    netlink.routes().flatMap(({ destination, device }) => (destination ? [] : (device ?? []))),
  )
  return Math.min(DEFAULT_MTU, ...links.filter(({ index }) => exits.has(index)).map(({ mtu }) => mtu))
}

/** What keeps the network from being made on this host now. */
const conflictOf = (
  netlink: Netlink,
  links: readonly Link[],
  definition: NetworkDefinition,
): string | undefined => {
  const { network_interface: name } = definition
  if (links.some((link) => link.name === name)) return `another network interface is called ${name}`
  const used = usedRanges(netlink)
  const taken = definition.subnets.find(({ subnet }) =>
    used.some((range) => overlaps(range, parseSubnet(subnet))),
  )
  return taken && `subnet ${taken.subnet} is already used on the host or by another config`
}

/** Switches a kernel setting on or off; what went wrong, where it can't be. */
const setting = (path: string, value: string): string[] => {
  try {
    writeFileSync(`/proc/sys/net/${path}`, value)
    return []
  } catch (error) {
    return [`can't set net.${path.replaceAll('/', '.')} to ${value}: ${(error as Error).message}`]
  }
}

/** Settings without which packets of the network go nowhere. */
export const bridgeSettings = (definition: NetworkDefinition): string[] => {
  const name = definition.network_interface
  return [
    ...setting('ipv4/ip_forward', '1'),
    ...(definition.ipv6_enabled ? setting('ipv6/conf/all/forwarding', '1') : []),
    // A port published on 127.0.0.1 is sent on with that address; the firewall rules drop the ones that are forged.
    ...setting(`ipv4/conf/${name}/route_localnet`, '1'),
  ]
}

const create = (
  netlink: Netlink,
  links: readonly Link[],
  definition: NetworkDefinition,
  mac: string,
): Link => {
  const name = definition.network_interface
  const mtu = mtuOf(netlink, links, definition)
  if (!netlink.addBridge(name, { mac, mtu }))
    throw new TspodError('in-use', `bridge ${name} exists`, { object: name })
  try {
    const bridge = netlink.link(name)!
    for (const { subnet, gateway } of definition.subnets) {
      const ip = gateway ? parseIp(gateway) : undefined
      if (ip) netlink.addAddress(bridge.index, { ip, length: parseSubnet(subnet).length })
    }
    netlink.changeLink(bridge.index, { up: true, alias: `tspod network ${definition.name}` })
    return bridge
  } catch (error) {
    netlink.deleteLink(name)
    throw error
  }
}

/** The network with another bridge or range where those of the default one are taken; others are the user's choice. */
const settled = (home: NetworkHome, netlink: Netlink, definition: NetworkDefinition): NetworkDefinition => {
  const conflict = conflictOf(netlink, netlink.links(), definition)
  if (!conflict) return definition
  if (definition.name === DEFAULT_NETWORK) return redefineDefault(home)
  throw new TspodError('in-use', `network ${definition.name}: ${conflict}`, { object: definition.name })
}

/** Brings a network's bridge up unless it is. Call with the network lock held. */
export const ensureBridge = (
  home: NetworkHome,
  netlink: Netlink,
  wanted: NetworkDefinition,
): ReadyNetwork => {
  const mac = bridgeMac(home.root, wanted.name)
  const isOurs = (link: Link | undefined) => link?.kind === 'bridge' && link.mac === mac
  const existing = netlink.link(wanted.network_interface)
  if (existing && isOurs(existing)) {
    if (!existing.up) netlink.changeLink(existing.index, { up: true })
    return { definition: wanted, bridge: existing, fresh: false }
  }
  // Other roots choose names and ranges on the same host: one at a time.
  return withFolderLock(home.kernel, home.namespaces ?? NAMESPACES, () => {
    const definition = settled(home, netlink, wanted)
    const bridge = create(netlink, netlink.links(), definition, mac)
    return { definition, bridge, fresh: true }
  })
}
