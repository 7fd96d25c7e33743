import { TspodError } from '../errors'
import type { Kernel, Netlink } from '../kernel'
import { formatSubnet, overlaps, parseSubnet, type Subnet } from './subnet'
import type { NetworkDefinition } from './types'

/** Podman's range first, then the ranges of its subnet pools, in the size of a default network. */
const candidates = function* (): Generator<string> {
  for (let second = 88; second < 256; second++) yield `10.${second}.0.0/16`
  for (let second = 16; second < 32; second++) yield `172.${second}.0.0/16`
  for (let third = 0; third < 256; third++) yield `192.168.${third}.0/24`
}

/** Ranges that the host's interfaces and routes use, those of `except` aside. A default route uses none. */
export const usedRanges = (netlink: Netlink, except?: number): Subnet[] => [
  ...netlink.addresses().filter(({ index }) => index !== except),
  ...netlink
    .routes()
    .flatMap(({ destination, device }) => (destination && device !== except ? destination : [])),
]

const gatewayOf = (subnet: Subnet): string => {
  const [a, b, c, d] = subnet.ip
  return `${a}.${b}.${c}.${d! + 1}`
}

/** Podman's id of its default network: the SHA-256 of its name. */
const DEFAULT_ID = '2f259bab93aaaaa2542ba43ef33eb990d0999ee1b9924b557b7be53c0b7a1bb9'

const BRIDGE = 'tspod'

/** The default network with a bridge and a range that nobody on the host uses now. */
export const chooseDefault = (
  kernel: Pick<Kernel, 'openNetlink'>,
  name: string,
  others: readonly NetworkDefinition[],
): NetworkDefinition => {
  const netlink = kernel.openNetlink()
  try {
    const links = new Set([
      ...netlink.links().map((link) => link.name),
      ...others.map(({ network_interface }) => network_interface),
    ])
    const used = [
      ...usedRanges(netlink),
      ...others.flatMap(({ subnets }) => subnets.map(({ subnet }) => parseSubnet(subnet))),
    ]
    let number = 0
    while (links.has(`${BRIDGE}${number}`)) number += 1
    for (const text of candidates()) {
      const subnet = parseSubnet(text)
      if (used.some((range) => overlaps(range, subnet))) continue
      return {
        name,
        id: DEFAULT_ID,
        driver: 'bridge',
        network_interface: `${BRIDGE}${number}`,
        created: new Date().toISOString(),
        subnets: [{ subnet: formatSubnet(subnet), gateway: gatewayOf(subnet) }],
        ipv6_enabled: false,
        internal: false,
        dns_enabled: false,
        ipam_options: { driver: 'host-local' },
      }
    }
  } finally {
    netlink.close()
  }
  throw new TspodError('in-use', 'could not find free subnet from subnet pools')
}
