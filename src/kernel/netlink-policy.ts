import { Errno } from './errno'
import { type IpBytes, parseIp } from './ip'
import { AF, attribute, FRA, NLM_F, RT, RTA, RTM, ruleHeader, u32 } from './netlink-messages'
import { failed, type Transport } from './netlink-transport'

export type IpFamily = 4 | 6

/** Calls that keep packets for other hosts' addresses in the network namespace. */
export interface NetlinkPolicy {
  /** Takes packets with that mark for our own, whatever their address is. */
  claimMarked(family: IpFamily, mark: number, table: number): void
  /** Datagrams that are sent from that UDP port go by a table of their own first. */
  claimSentFrom(family: IpFamily, port: number, table: number): void
  /** Takes packets to that address for our own, in that table. What is sent there comes from loopback. */
  claimAddress(address: string, table: number): void
  /** Ends that. */
  disclaimAddress(address: string, table: number): void
}

const LOOPBACK = 1
const IPPROTO_UDP = 17
const CREATE = NLM_F.CREATE | NLM_F.EXCL
const numberOf = { 4: AF.INET, 6: AF.INET6 } as const
const loopbackOf = (family: IpFamily): IpBytes =>
  family === 4 ? Uint8Array.of(127, 0, 0, 1) : Uint8Array.from({ length: 16 }, (_, at) => (at === 15 ? 1 : 0))

const ruleMessage = (family: IpFamily, table: number, ...selectors: Buffer[]): Buffer =>
  Buffer.concat([ruleHeader(numberOf[family]), ...selectors, attribute(FRA.TABLE, u32(table))])

// struct fib_rule_port_range
const portRange = (port: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt16LE(port, 0)
  bytes.writeUInt16LE(port, 2)
  return bytes
}

/** The address is our own, in that table; every address where none is given. */
const localRoute = (family: IpFamily, table: number, ip?: IpBytes): Buffer => {
  const header = Buffer.alloc(12)
  const prefix = ip ? ip.length * 8 : 0
  header.set([numberOf[family], prefix, 0, 0, 0, RT.PROT_STATIC, RT.SCOPE_HOST, RT.TYPE_LOCAL])
  const parts = [header, attribute(RTA.TABLE, u32(table)), attribute(RTA.OIF, u32(LOOPBACK))]
  if (ip) parts.push(attribute(RTA.DST, ip), attribute(RTA.PREFSRC, loopbackOf(family)))
  return Buffer.concat(parts)
}

const routeTo = (address: string, table: number): Buffer => {
  const ip = parseIp(address) ?? new Uint8Array(4)
  return localRoute(ip.length === 4 ? 4 : 6, table, ip)
}

export const policyCalls = ({ send }: Transport): NetlinkPolicy => {
  const create = (type: number, payload: Buffer, object: string) => {
    const failure = send(type, CREATE, payload)
    if (failure && failure.errno !== Errno.EEXIST) throw failed('claim packets', object, failure)
  }
  return {
    claimMarked: (family, mark, table) => {
      create(RTM.NEWROUTE, localRoute(family, table), `with mark ${mark}`)
      create(RTM.NEWRULE, ruleMessage(family, table, attribute(FRA.FWMARK, u32(mark))), `with mark ${mark}`)
    },
    claimSentFrom: (family, port, table) => {
      const protocol = attribute(FRA.IP_PROTO, Uint8Array.of(IPPROTO_UDP))
      const from = attribute(FRA.SPORT_RANGE, portRange(port))
      create(RTM.NEWRULE, ruleMessage(family, table, protocol, from), `from port ${port}`)
    },
    claimAddress: (address, table) => create(RTM.NEWROUTE, routeTo(address, table), `to ${address}`),
    // Nothing is lost where it is gone already.
    disclaimAddress: (address, table) => void send(RTM.DELROUTE, 0, routeTo(address, table)),
  }
}
