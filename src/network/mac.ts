import type { IpBytes } from '../kernel/ip'

/** FNV-1a, 32 bits: spreads names, hides nothing. */
const hash = (text: string, seed: number): number => {
  let value = seed
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0
  return value
}

const format = (bytes: readonly number[]): string =>
  bytes.map((byte) => byte.toString(16).padStart(2, '0')).join(':')

const split = (value: number): number[] => [
  value >>> 24,
  (value >>> 16) & 255,
  (value >>> 8) & 255,
  value & 255,
]

const SEED = 0x811c9dc5

/**
 * The address of a network's bridge. It tells whose bridge it is: two roots may both call theirs tspod0. A bridge
 * without a fixed address would also change it with every port that comes and goes.
 */
export const bridgeMac = (root: string, network: string): string => {
  const name = `${root}\0${network}`
  return format([0x72, hash(name, 7) & 255, ...split(hash(name, SEED))])
}

/**
 * The address of a container's card, which follows from its IP address: a container that gets the IP address of a
 * former one is found without waiting for its neighbours' ARP entries to expire.
 */
export const cardMac = (network: string, ip: IpBytes): string =>
  format([0x76, hash(network, SEED) & 255, ...(ip.length === 4 ? ip : split(hash(ip.join('.'), SEED)))])
