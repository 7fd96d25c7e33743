import type { PortMapping } from '../state/types'
import { parseSubnet } from './subnet'
import type { NetworkDefinition } from './types'

/*
 * The nftables rules of one network live in one table that has its bridge's name, so that networks and roots never touch
 * each other's, and the whole goes at once with the last container. Published ports are elements of two maps: a lookup
 * takes the same time for one port and for a thousand, and one container's ports are added and removed alone.
 *
 * There is no chain for forwarding. Accepting in one of ours can't overrule another table that drops: on a host where
 * the policy of FORWARD is drop (Docker sets it), its owner must let the bridge pass.
 */

const MAPS = {
  /** Published on all addresses of the host. */
  ports: 'inet_proto . inet_service',
  /** Published on one. */
  ports_at: 'ipv4_addr . inet_proto . inet_service',
} as const

/** What names a network's table. */
export type FirewallTable = Pick<NetworkDefinition, 'network_interface'>

const tableOf = ({ network_interface }: FirewallTable): string => `inet ${network_interface}`

const mapLines = (table: string): string[] => [
  `add table ${table}`,
  ...Object.entries(MAPS).map(
    ([name, key]) => `add map ${table} ${name} { type ${key} : ipv4_addr . inet_service ; }`,
  ),
]

const chain = (table: string, name: string, hook: string, rules: readonly string[]): string[] => [
  `add chain ${table} ${name} ${hook}`,
  `flush chain ${table} ${name}`,
  ...rules.map((rule) => `add rule ${table} ${name} ${rule}`),
]

const base = (type: string, hook: string, priority: number): string =>
  `{ type ${type} hook ${hook} priority ${priority} ; policy accept ; }`

const masqueradeRules = ({ network_interface: bridge, internal, subnets }: NetworkDefinition): string[] =>
  subnets.flatMap(({ subnet }) => {
    const ip = parseSubnet(subnet).ip.length === 4 ? 'ip' : 'ip6'
    const multicast = ip === 'ip' ? '224.0.0.0/4' : 'ff00::/8'
    return [
      ...(internal
        ? []
        : [
            `${ip} saddr ${subnet} ${ip} daddr != { ${subnet}, ${multicast} } oifname != "${bridge}" masquerade`,
          ]),
      // A container that calls a published port of its own network: the answer must come back through the bridge.
      `ct status dnat ${ip} saddr ${subnet} oifname "${bridge}" masquerade`,
    ]
  })

/** The table of a network, made or renewed; its maps keep their elements. */
export const tableRules = (network: NetworkDefinition): string => {
  const table = tableOf(network)
  const bridge = network.network_interface
  return [
    ...mapLines(table),
    // 127.0.0.1 may be routed to the bridge, so nobody behind it may use such an address (CVE-2020-8558).
    ...chain(table, 'martians', base('filter', 'prerouting', -300), [
      `iifname "${bridge}" ip saddr 127.0.0.0/8 drop`,
      `iifname "${bridge}" ip daddr 127.0.0.0/8 drop`,
    ]),
    ...chain(table, 'publish', '', [
      'dnat ip to ip daddr . meta l4proto . th dport map @ports_at',
      'dnat ip to meta l4proto . th dport map @ports',
    ]),
    ...chain(table, 'prerouting', base('nat', 'prerouting', -100), [
      'meta nfproto ipv4 fib daddr type local jump publish',
    ]),
    ...chain(table, 'output', base('nat', 'output', -100), [
      'meta nfproto ipv4 fib daddr type local jump publish',
    ]),
    ...chain(table, 'postrouting', base('nat', 'postrouting', 100), [
      `ct status dnat ip saddr 127.0.0.0/8 oifname "${bridge}" masquerade`,
      ...masqueradeRules(network),
    ]),
    '',
  ].join('\n')
}

interface Elements {
  ports: string[]
  ports_at: string[]
}

/** Elements by map: only IPv4 is translated, the rest is the relay's. */
const elementsOf = (mappings: readonly PortMapping[], address: string): Elements => {
  const elements: Elements = { ports: [], ports_at: [] }
  for (const { hostIp, hostPort, containerPort, range, protocol } of mappings) {
    if (hostIp.includes(':')) continue
    const everywhere = hostIp === '' || hostIp === '0.0.0.0'
    for (let step = 0; step < range; step++) {
      const key = `${protocol} . ${hostPort + step}`
      const value = `${address} . ${containerPort + step}`
      if (everywhere) elements.ports.push(`${key} : ${value}`)
      else elements.ports_at.push(`${hostIp} . ${key} : ${value}`)
    }
  }
  return elements
}

const withoutValue = (element: string): string => element.split(' : ')[0]!

const elementLines = (verb: 'add' | 'delete', table: string, elements: Elements): string[] =>
  Object.entries(elements).flatMap(([map, list]) => {
    const shown = verb === 'add' ? list : list.map(withoutValue)
    return list.length ? [`${verb} element ${table} ${map} { ${shown.join(', ')} }`] : []
  })

/** Sends published ports to a container's address. Fails where one of them goes elsewhere already. */
export const publishRules = (
  network: FirewallTable,
  mappings: readonly PortMapping[],
  address: string,
): string => `${elementLines('add', tableOf(network), elementsOf(mappings, address)).join('\n')}\n`

/** The opposite. Adding first makes deleting succeed whether the elements, or the table, are there or not. */
export const withdrawRules = (
  network: FirewallTable,
  mappings: readonly PortMapping[],
  address: string,
): string => {
  const table = tableOf(network)
  const elements = elementsOf(mappings, address)
  return [
    ...mapLines(table),
    ...elementLines('add', table, elements),
    ...elementLines('delete', table, elements),
    '',
  ].join('\n')
}

export const removeTableRules = (network: FirewallTable): string =>
  `add table ${tableOf(network)}\ndelete table ${tableOf(network)}\n`
