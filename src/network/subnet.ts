import { TspodError } from '../errors'
import { formatIp, type IpBytes, parseIp } from '../kernel/ip'

/** A range of addresses: `ip` is its first one. */
export interface Subnet {
  ip: IpBytes
  length: number
}

/** Addresses as numbers, so that they can be counted and compared. */
export const toNumber = (ip: IpBytes): bigint => BigInt(`0x${Buffer.from(ip).toString('hex')}`)

export const fromNumber = (value: bigint, size: number): IpBytes =>
  Uint8Array.from(Buffer.from(value.toString(16).padStart(size * 2, '0'), 'hex'))

const hostBits = ({ ip, length }: Subnet): bigint => BigInt(ip.length * 8 - length)

/** First and last address of a subnet, as numbers. */
export const bounds = (subnet: Subnet): { first: bigint; last: bigint } => {
  const bits = hostBits(subnet)
  const first = (toNumber(subnet.ip) >> bits) << bits
  return { first, last: first + (1n << bits) - 1n }
}

/** `10.88.0.0/16`, with any address of the subnet before the slash. */
export const parseSubnet = (text: string): Subnet => {
  const [address = '', bits = ''] = text.split('/')
  const ip = parseIp(address)
  const length = /^\d{1,3}$/.test(bits) ? Number(bits) : -1
  if (!ip || length < 0 || length > ip.length * 8)
    throw new TspodError('invalid', `invalid CIDR address: ${text}`)
  return { ip: fromNumber(bounds({ ip, length }).first, ip.length), length }
}

export const formatSubnet = ({ ip, length }: Subnet): string => `${formatIp(ip)}/${length}`

export const contains = (subnet: Subnet, ip: IpBytes): boolean => {
  if (ip.length !== subnet.ip.length) return false
  const { first, last } = bounds(subnet)
  const value = toNumber(ip)
  return first <= value && value <= last
}

export const overlaps = (a: Subnet, b: Subnet): boolean =>
  contains(a, fromNumber(bounds(b).first, b.ip.length)) ||
  contains(b, fromNumber(bounds(a).first, a.ip.length))
