import { formatIp, type IpBytes } from './ip'
import {
  AF,
  type Answer,
  addressHeader,
  attribute,
  attributes,
  IFA,
  IFA_F_NODAD,
  IFF,
  IFLA,
  IFLA_BRPORT_MODE,
  IFLA_INFO,
  linkHeader,
  RT,
  RTA,
  routeHeader,
  text,
  textOf,
  u32,
} from './netlink-messages'

/** A network interface. */
export interface Link {
  index: number
  name: string
  /** `bridge`, `veth`, …; missing for a physical card and for loopback. */
  kind?: string
  up: boolean
  loopback: boolean
  mtu: number
  /** `02:00:00:00:00:01` */
  mac: string
  /** Index of the bridge it is a port of. */
  master?: number
  alias?: string
}

export interface LinkChange {
  name?: string
  mtu?: number
  mac?: string
  master?: number
  alias?: string
  group?: number
  up?: boolean
  /** A port of a bridge gives frames back to where they came from. Only for a link that is a port already. */
  hairpin?: boolean
}

/** An address or a destination with its prefix length. */
export interface Prefix {
  ip: IpBytes
  length: number
}

export interface LinkAddress extends Prefix {
  index: number
}

export interface Route {
  /** Missing for a default route. */
  destination?: Prefix
  gateway?: IpBytes
  /** Index of the interface. */
  device?: number
  metric?: number
}

const macBytes = (mac: string): Buffer => Buffer.from(mac.replaceAll(':', ''), 'hex')
const formatMac = (bytes: Buffer | undefined): string => bytes?.toString('hex').match(/../g)?.join(':') ?? ''
const familyOf = (ip: IpBytes): number => (ip.length === 4 ? AF.INET : AF.INET6)

const bridgePort = (hairpin: boolean): Buffer =>
  attribute(
    IFLA.LINKINFO,
    Buffer.concat([
      attribute(IFLA_INFO.SLAVE_KIND, text('bridge')),
      attribute(IFLA_INFO.SLAVE_DATA, attribute(IFLA_BRPORT_MODE, Buffer.from([hairpin ? 1 : 0]))),
    ]),
  )

const changeAttributes = (change: LinkChange): Buffer[] => [
  ...(change.name === undefined ? [] : [attribute(IFLA.IFNAME, text(change.name))]),
  ...(change.mtu === undefined ? [] : [attribute(IFLA.MTU, u32(change.mtu))]),
  ...(change.mac === undefined ? [] : [attribute(IFLA.ADDRESS, macBytes(change.mac))]),
  ...(change.master === undefined ? [] : [attribute(IFLA.MASTER, u32(change.master))]),
  ...(change.alias === undefined ? [] : [attribute(IFLA.IFALIAS, text(change.alias))]),
  ...(change.group === undefined ? [] : [attribute(IFLA.GROUP, u32(change.group))]),
  ...(change.hairpin === undefined ? [] : [bridgePort(change.hairpin)]),
]

export const linkMessage = (index: number, change: LinkChange, ...more: Buffer[]): Buffer => {
  const header = linkHeader(index, change.up ? IFF.UP : 0, change.up === undefined ? 0 : IFF.UP)
  return Buffer.concat([header, ...changeAttributes(change), ...more])
}

export const linkInfo = (kind: string, data?: Buffer): Buffer =>
  attribute(
    IFLA.LINKINFO,
    Buffer.concat([
      attribute(IFLA_INFO.KIND, text(kind)),
      ...(data ? [attribute(IFLA_INFO.DATA, data)] : []),
    ]),
  )

export const parseLink = ({ payload }: Answer): Link => {
  const found = attributes(payload, 16)
  const info = found.get(IFLA.LINKINFO)
  const flags = payload.readUInt32LE(8)
  return {
    index: payload.readInt32LE(4),
    name: textOf(found.get(IFLA.IFNAME)) ?? '',
    kind: info && textOf(attributes(info, 0).get(IFLA_INFO.KIND)),
    up: (flags & IFF.UP) !== 0,
    loopback: (flags & IFF.LOOPBACK) !== 0,
    mtu: found.get(IFLA.MTU)?.readUInt32LE(0) ?? 0,
    mac: formatMac(found.get(IFLA.ADDRESS)),
    master: found.get(IFLA.MASTER)?.readUInt32LE(0),
    alias: textOf(found.get(IFLA.IFALIAS)),
  }
}

// Answers are views of the receive buffer, which the next one overwrites.
const kept = (bytes: Buffer): IpBytes => Uint8Array.from(bytes)

export const parseAddress = ({ payload }: Answer): LinkAddress | undefined => {
  const found = attributes(payload, 8)
  const ip = found.get(IFA.LOCAL) ?? found.get(IFA.ADDRESS)
  return ip && { ip: kept(ip), length: payload[1]!, index: payload.readUInt32LE(4) }
}

export const parseRoute = ({ payload }: Answer): Route | undefined => {
  const found = attributes(payload, 12)
  const table = found.get(RTA.TABLE)?.readUInt32LE(0) ?? payload[4]
  if (table !== RT.TABLE_MAIN) return undefined
  const destination = found.get(RTA.DST)
  const gateway = found.get(RTA.GATEWAY)
  return {
    destination: destination && { ip: kept(destination), length: payload[1]! },
    gateway: gateway && kept(gateway),
    device: found.get(RTA.OIF)?.readUInt32LE(0),
    metric: found.get(RTA.PRIORITY)?.readUInt32LE(0),
  }
}

const broadcastOf = ({ ip, length }: Prefix): Buffer[] => {
  if (ip.length !== 4 || length > 30) return []
  const value = Buffer.from(ip)
  value.writeUInt32BE((value.readUInt32BE(0) | (0xffffffff >>> length)) >>> 0)
  return [attribute(IFA.BROADCAST, value)]
}

export const addressMessage = (index: number, address: Prefix): Buffer =>
  Buffer.concat([
    addressHeader(familyOf(address.ip), address.length, RT.SCOPE_UNIVERSE, index),
    attribute(IFA.LOCAL, address.ip),
    attribute(IFA.ADDRESS, address.ip),
    ...broadcastOf(address),
    // Our own records keep addresses apart: no second of waiting until an IPv6 address may be used.
    ...(address.ip.length === 16 ? [attribute(IFA.FLAGS, u32(IFA_F_NODAD))] : []),
  ])

export const routeMessage = (route: Route): Buffer => {
  const family = familyOf(route.destination?.ip ?? route.gateway ?? new Uint8Array(4))
  const scope = route.gateway ? RT.SCOPE_UNIVERSE : RT.SCOPE_LINK
  return Buffer.concat([
    routeHeader(family, route.destination?.length ?? 0, scope),
    ...(route.destination ? [attribute(RTA.DST, route.destination.ip)] : []),
    ...(route.gateway ? [attribute(RTA.GATEWAY, route.gateway)] : []),
    ...(route.device === undefined ? [] : [attribute(RTA.OIF, u32(route.device))]),
    ...(route.metric === undefined ? [] : [attribute(RTA.PRIORITY, u32(route.metric))]),
  ])
}

export const formatPrefix = ({ ip, length }: Prefix): string => `${formatIp(ip)}/${length}`
