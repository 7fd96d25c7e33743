import type { IpBytes } from './ip'
import { AF, attribute, attributes, text, u32 } from './netlink-messages'
import { NETLINK, openTransport, type Transport } from './netlink-transport'
import type { RawKernel } from './raw'

export interface NetfilterCalls {
  /** Whether nftables has a table of the family `inet` with that name; false too where the kernel has no nftables. */
  hasFirewallTable(name: string): boolean
  /**
   * Makes the kernel forget the connections that were translated to an IPv4 address which is no longer there: it would
   * keep sending a steady stream of datagrams to it, although its port leads elsewhere by now. Never fails.
   */
  forgetConnections(address: IpBytes): void
}

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

// From linux/netfilter/nfnetlink_conntrack.h.
const CTNETLINK = 1 << 8
const CT_GET = CTNETLINK | 1
const CT_DELETE = CTNETLINK | 2
const NESTED = 0x8000
const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2, FILTER: 25 } as const
const CTA_TUPLE_IP = 1
const CTA_IP_V4_SRC = 1
const CTA_FILTER_REPLY_FLAGS = 2
const FILTER_IP_SRC = 1

const HEADER = Buffer.from([AF.INET, 0, 0, 0])

const nested = (type: number, value: Uint8Array): Buffer => attribute(type | NESTED, value)

/** Connections that are answered by `ip`. Linux 5.8 filters them itself; older kernels list all. */
const answeredBy = (ip: IpBytes): Buffer =>
  Buffer.concat([
    HEADER,
    nested(CTA.TUPLE_REPLY, nested(CTA_TUPLE_IP, attribute(CTA_IP_V4_SRC, ip))),
    nested(CTA.FILTER, attribute(CTA_FILTER_REPLY_FLAGS, u32(FILTER_IP_SRC))),
  ])

const isAnsweredBy = (reply: Buffer | undefined, ip: IpBytes): boolean => {
  const addresses = reply && attributes(reply, 0).get(CTA_TUPLE_IP)
  return addresses
    ? Buffer.from(ip).equals(attributes(addresses, 0).get(CTA_IP_V4_SRC) ?? Buffer.alloc(0))
    : false
}

const forget = ({ send, dump }: Transport, ip: IpBytes): void => {
  for (const { payload } of dump(CT_GET, answeredBy(ip))) {
    const found = attributes(payload, HEADER.length)
    const original = found.get(CTA.TUPLE_ORIG)
    if (original && isAnsweredBy(found.get(CTA.TUPLE_REPLY), ip))
      send(CT_DELETE, 0, Buffer.concat([HEADER, nested(CTA.TUPLE_ORIG, original)]))
  }
}

/** Runs `act` with a netfilter socket; undefined where the kernel has none or refuses. */
const withNetfilter = <T>(raw: RawKernel, act: (transport: Transport) => T): T | undefined => {
  let transport: Transport | undefined
  try {
    transport = openTransport(raw, NETLINK.NETFILTER)
    return act(transport)
  } catch {
    return undefined
  } finally {
    transport?.close()
  }
}

export const netfilterCalls = (raw: RawKernel): NetfilterCalls => ({
  hasFirewallTable: (name) => withNetfilter(raw, (transport) => hasTable(transport, name)) ?? false,
  forgetConnections: (address) => {
    withNetfilter(raw, (transport) => forget(transport, address))
  },
})
