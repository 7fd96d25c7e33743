import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { TspodError } from '../errors'
import { formatIp, type IpBytes, parseIp } from '../kernel/ip'
import { errnoOf, readText } from '../state/files'
import { bounds, contains, fromNumber, parseSubnet, type Subnet, toNumber } from './subnet'
import type { NetworkHome, SubnetDefinition } from './types'
import { createWhole } from './whole-file'

/**
 * Addresses in use: a folder for each network, in it a file for each address that holds its owner's id. A file appears
 * whole or not at all, and only once: two owners can't get one address, whatever is killed in between. The network lock
 * keeps allocations apart, so that each sees what the one before it took.
 */
export interface Ipam {
  /** Takes the wanted address, or the one after the last that was given out. */
  allocate(subnet: SubnetDefinition, owner: string, wanted?: IpBytes): IpBytes
  /** Gives back all addresses of an owner. */
  release(owner: string): void
  /** Owners by address. */
  leases(): Map<string, string>
}

const failed = (message: string): TspodError => new TspodError('in-use', `IPAM error: ${message}`)

interface Pool {
  subnet: Subnet
  gateway?: bigint
  first: bigint
  last: bigint
}

/** The addresses that may be given out: neither the network's own nor, with IPv4, the broadcast address. */
const poolOf = (definition: SubnetDefinition): Pool => {
  const subnet = parseSubnet(definition.subnet)
  const { first, last } = bounds(subnet)
  const given = (text: string | undefined): bigint | undefined => {
    const ip = text ? parseIp(text) : undefined
    return ip && toNumber(ip)
  }
  const lowest = first + 1n
  const highest = subnet.ip.length === 4 ? last - 1n : last
  const start = given(definition.lease_range?.start_ip) ?? lowest
  const end = given(definition.lease_range?.end_ip) ?? highest
  return {
    subnet,
    gateway: given(definition.gateway),
    first: start < lowest ? lowest : start,
    last: end > highest ? highest : end,
  }
}

const nextFree = (
  pool: Pool,
  previous: bigint | undefined,
  isTaken: (address: bigint) => boolean,
): bigint => {
  const size = pool.last - pool.first + 1n
  const start = previous === undefined ? pool.first : previous + 1n
  for (let step = 0n; step < size; step++) {
    const address = pool.first + ((((start - pool.first + step) % size) + size) % size)
    if (address !== pool.gateway && !isTaken(address)) return address
  }
  const text = (value: bigint) => formatIp(fromNumber(value, pool.subnet.ip.length))
  throw failed(`failed to find free IP in range: ${text(pool.first)} - ${text(pool.last)}`)
}

const checkWanted = (pool: Pool, ip: IpBytes, name: string): void => {
  if (!contains(pool.subnet, ip))
    throw new TspodError(
      'invalid',
      `requested static ip ${formatIp(ip)} not in any subnet on network ${name}`,
    )
  if (toNumber(ip) === pool.gateway)
    throw failed(`requested ip address ${formatIp(ip)} is the gateway of network ${name}`)
}

/** Folder of a network's addresses in use. */
export const ipamFolder = (home: NetworkHome, network: string): string => `${home.runroot}/ipam/${network}`

/** The addresses of the network `name`, kept in `folder`. Call with the network lock held. */
export const openIpam = (folder: string, name: string): Ipam => {
  const ownerOf = (address: string): string => readText(`${folder}/${address}`)?.trim() ?? ''
  const leases = (): Map<string, string> => {
    try {
      const addresses = readdirSync(folder).filter((entry) => parseIp(entry))
      return new Map(addresses.map((address) => [address, ownerOf(address)]))
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return new Map()
      throw error
    }
  }
  const take = (ip: IpBytes, owner: string): boolean => createWhole(`${folder}/${formatIp(ip)}`, `${owner}\n`)
  const takeWanted = (pool: Pool, ip: IpBytes, owner: string): IpBytes => {
    checkWanted(pool, ip, name)
    if (take(ip, owner)) return ip
    const holder = ownerOf(formatIp(ip))
    throw failed(`requested ip address ${formatIp(ip)} is already allocated to container ID ${holder}`)
  }
  const takeNext = (pool: Pool, owner: string): IpBytes => {
    const lastFile = `${folder}/.last-${formatIp(pool.subnet.ip)}`
    const last = parseIp(readText(lastFile) ?? '')
    const taken = new Set([...leases().keys()].map((address) => toNumber(parseIp(address)!)))
    const size = pool.subnet.ip.length
    const next = nextFree(pool, last && last.length === size ? toNumber(last) : undefined, (it) =>
      taken.has(it),
    )
    const ip = fromNumber(next, size)
    if (!take(ip, owner)) throw failed(`address ${formatIp(ip)} was taken by another process`)
    writeFileSync(lastFile, formatIp(ip))
    return ip
  }
  return {
    leases,
    allocate: (subnet, owner, wanted) => {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      const pool = poolOf(subnet)
      return wanted ? takeWanted(pool, wanted, owner) : takeNext(pool, owner)
    },
    release: (owner) => {
      for (const [address, holder] of leases()) {
        if (holder === owner) rmSync(`${folder}/${address}`, { force: true })
      }
    },
  }
}
