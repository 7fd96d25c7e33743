/** Wire format of rtnetlink(7): headers, attributes, and the few constants that are used. */

export const NLMSG = { ERROR: 2, DONE: 3 } as const
export const NLM_F = {
  REQUEST: 1,
  ACK: 4,
  DUMP_INTR: 0x10,
  DUMP: 0x300,
  EXCL: 0x200,
  CREATE: 0x400,
  REPLACE: 0x100,
  // In an answer of type NLMSG_ERROR.
  CAPPED: 0x100,
  ACK_TLVS: 0x200,
} as const
export const RTM = {
  NEWLINK: 16,
  DELLINK: 17,
  GETLINK: 18,
  NEWADDR: 20,
  GETADDR: 22,
  NEWROUTE: 24,
  DELROUTE: 25,
  GETROUTE: 26,
  NEWRULE: 32,
} as const
export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  LINKINFO: 18,
  IFALIAS: 20,
  GROUP: 27,
  NET_NS_FD: 28,
} as const
export const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const
export const IFLA_BRPORT_MODE = 4
export const VETH_INFO_PEER = 1
export const IFA = { ADDRESS: 1, LOCAL: 2, BROADCAST: 4, FLAGS: 8 } as const
export const IFA_F_NODAD = 2
export const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6, PREFSRC: 7, TABLE: 15 } as const
export const RT = {
  TABLE_MAIN: 254,
  PROT_STATIC: 4,
  SCOPE_UNIVERSE: 0,
  SCOPE_LINK: 253,
  SCOPE_HOST: 254,
  TYPE_UNICAST: 1,
  TYPE_LOCAL: 2,
} as const
export const FRA = { FWMARK: 10, TABLE: 15, IP_PROTO: 22, SPORT_RANGE: 23 } as const
const FR_ACT_TO_TABLE = 1
export const IFF = { UP: 1, LOOPBACK: 8 } as const
export const AF = { UNSPEC: 0, INET: 2, INET6: 10, NETLINK: 16 } as const

const HEADER = 16
const align = (length: number): number => (length + 3) & ~3

/** One attribute with its padding. */
export const attribute = (type: number, value: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(align(4 + value.length))
  bytes.writeUInt16LE(4 + value.length, 0)
  bytes.writeUInt16LE(type, 2)
  bytes.set(value, 4)
  return bytes
}

export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value >>> 0)
  return bytes
}

export const text = (value: string): Buffer => Buffer.from(`${value}\0`)

export const message = (type: number, flags: number, sequence: number, payload: Uint8Array): Buffer => {
  const bytes = Buffer.alloc(HEADER + payload.length)
  bytes.writeUInt32LE(bytes.length, 0)
  bytes.writeUInt16LE(type, 4)
  bytes.writeUInt16LE(flags, 6)
  bytes.writeUInt32LE(sequence, 8)
  bytes.set(payload, HEADER)
  return bytes
}

/** struct ifinfomsg */
export const linkHeader = (index = 0, flags = 0, change = 0): Buffer => {
  const bytes = Buffer.alloc(16)
  bytes.writeInt32LE(index, 4)
  bytes.writeUInt32LE(flags, 8)
  bytes.writeUInt32LE(change, 12)
  return bytes
}

/** struct ifaddrmsg */
export const addressHeader = (family: number, prefix: number, scope: number, index: number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.set([family, prefix, 0, scope])
  bytes.writeUInt32LE(index, 4)
  return bytes
}

/** struct rtmsg for a route of the main table. */
export const routeHeader = (family: number, prefix: number, scope: number): Buffer => {
  const bytes = Buffer.alloc(12)
  bytes.set([family, prefix, 0, 0, RT.TABLE_MAIN, RT.PROT_STATIC, scope, RT.TYPE_UNICAST])
  return bytes
}

/** struct fib_rule_hdr of a rule that leads to a table. */
export const ruleHeader = (family: number): Buffer => {
  const bytes = Buffer.alloc(12)
  bytes.set([family, 0, 0, 0, 0, 0, 0, FR_ACT_TO_TABLE])
  return bytes
}

export interface Answer {
  type: number
  flags: number
  sequence: number
  payload: Buffer
}

/** Splits one datagram into its messages. */
export const answers = (datagram: Buffer): Answer[] => {
  const found: Answer[] = []
  for (let offset = 0; offset + HEADER <= datagram.length; ) {
    const length = datagram.readUInt32LE(offset)
    if (length < HEADER) break
    found.push({
      type: datagram.readUInt16LE(offset + 4),
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      payload: datagram.subarray(offset + HEADER, offset + length),
    })
    offset += align(length)
  }
  return found
}

const TYPE_MASK = 0x3fff

/** Attributes by type, from `offset` to the end. */
export const attributes = (bytes: Buffer, offset: number): Map<number, Buffer> => {
  const found = new Map<number, Buffer>()
  for (let at = offset; at + 4 <= bytes.length; ) {
    const length = bytes.readUInt16LE(at)
    if (length < 4) break
    found.set(bytes.readUInt16LE(at + 2) & TYPE_MASK, bytes.subarray(at + 4, at + length))
    at += align(length)
  }
  return found
}

/** Text of an attribute without its NUL. */
export const textOf = (value: Buffer | undefined): string | undefined =>
  value?.toString('utf8').replace(/\0+$/, '')

const EXTENDED_MESSAGE = 1

/** The errno of an NLMSG_ERROR answer (0 is an acknowledgement) and the kernel's own words where it gave some. */
export const errorOf = (answer: Answer): { errno: number; detail?: string } => {
  const errno = -answer.payload.readInt32LE(0)
  if (!(answer.flags & NLM_F.ACK_TLVS)) return { errno }
  const echoed = answer.flags & NLM_F.CAPPED ? HEADER : align(answer.payload.readUInt32LE(4))
  return { errno, detail: textOf(attributes(answer.payload, 4 + echoed).get(EXTENDED_MESSAGE)) }
}
