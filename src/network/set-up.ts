import { mkdirSync } from 'node:fs'
import { TspodError } from '../errors'
import type { Netlink } from '../kernel'
import { withLock } from '../state/lock'
import type { NetworkState, PortMapping } from '../state/types'
import { attachCard, type Card, cardFor, hostLinkName, joinedAs, openLoopback, wantedIn } from './attach'
import { bridgeSettings, ensureBridge, type ReadyNetwork } from './bridge'
import { findDefinition } from './definitions'
import { type Finish, openFirewall } from './firewall'
import { ipamFolder, openIpam } from './ipam'
import { createNamespace, NAMESPACES, namespacePath, withNamespace } from './namespace'
import { probePorts } from './probe'
import { type LinkRecord, readRecord, type SetUpRecord, saveRecord } from './records'
import { tearDownLocked } from './tear-down'
import type { NetworkAttachment, NetworkDefinition, NetworkHome, NetworkRequest, NetworkSetUp } from './types'
import { openUplink } from './uplink'
import { forwardWarning, NO_NFT, untranslated } from './warnings'

interface Wish {
  attachment: NetworkAttachment & { interfaceName: string }
  definition: NetworkDefinition
}

const wishes = (home: NetworkHome, networks: readonly NetworkAttachment[]): Wish[] => {
  const named = new Set(networks.flatMap(({ interfaceName }) => interfaceName ?? []))
  let number = 0
  const nextName = (): string => {
    while (named.has(`eth${number}`)) number += 1
    return `eth${number++}`
  }
  return networks.map((attachment) => {
    const definition = findDefinition(home, attachment.name)
    const stray = attachment.staticIps?.find(
      (ip) => !definition.subnets.some(({ subnet }) => wantedIn(subnet, { name: '', staticIps: [ip] })),
    )
    if (stray)
      throw new TspodError(
        'invalid',
        `requested static ip ${stray} not in any subnet on network ${definition.name}`,
      )
    return {
      attachment: { ...attachment, interfaceName: attachment.interfaceName ?? nextName() },
      definition,
    }
  })
}

/** A network to join, with its bridge up and an address of it taken. */
interface Place extends ReadyNetwork {
  link: LinkRecord
  card: Card
}

/** Takes a place in a network; the record knows of every step before it is taken. */
const reserve = (
  home: NetworkHome,
  netlink: Netlink,
  record: SetUpRecord,
  index: number,
  wish: Wish,
): Place => {
  const ready = ensureBridge(home, netlink, wish.definition)
  const { definition, bridge } = ready
  const link = record.links[index]!
  link.bridge = bridge.name
  saveRecord(home, record)
  const ipam = openIpam(ipamFolder(home, definition.name), definition.name)
  const ips = definition.subnets.map((subnet) =>
    ipam.allocate(subnet, record.owner, wantedIn(subnet.subnet, wish.attachment)),
  )
  const card = cardFor(wish.attachment, definition, bridge.mtu, ips)
  link.joined = joinedAs(card, definition)
  return { ...ready, link, card }
}

interface Translation {
  /** Waits for the rules; warnings where they could not be had. */
  finish(): string[]
}

/** Opens the networks' tables and sends the ports to the first network with an IPv4 address. */
const translate = (
  home: NetworkHome,
  netlink: Netlink,
  ports: PortMapping[],
  places: Place[],
): Translation => {
  const firewall = openFirewall(home)
  if (!firewall) return { finish: () => [NO_NFT] }
  const first = places.find(({ link }) => link.joined?.address.includes('.'))
  const started = places.flatMap((place) => {
    const published = place === first ? ports : []
    // A table that is there keeps what it has: a container without ports changes nothing.
    if (published.length === 0 && firewall.isOpen(place.definition)) return []
    return {
      place,
      finish: firewall.open(place.definition, published, place.link.joined?.address.split('/')[0]),
    }
  })
  const outcome = ({ place, finish }: { place: Place; finish: Finish }): string[] => {
    try {
      finish()
      return place.fresh ? forwardWarning(home, netlink, firewall.nft, place.definition) : []
    } catch (error) {
      return [untranslated((error as Error).message)]
    }
  }
  return { finish: () => started.flatMap(outcome) }
}

const attach = (home: NetworkHome, netlink: Netlink, record: SetUpRecord, places: readonly Place[]): void =>
  withNamespace(record.netns, (fd) => {
    openLoopback(home.kernel, fd)
    for (const { card, link, bridge } of places)
      attachCard(home.kernel, netlink, fd, card, { link: link.hostLink, bridge: bridge.index })
  })

const joinAll = (home: NetworkHome, record: SetUpRecord, wanted: readonly Wish[]): string[] => {
  const netlink = home.kernel.openNetlink()
  try {
    const places = wanted.map((wish, index) => reserve(home, netlink, record, index, wish))
    saveRecord(home, record)
    const fresh = places.filter((place) => place.fresh)
    const warnings = fresh.flatMap(({ definition }) => bridgeSettings(definition))
    const translation = places.length ? translate(home, netlink, record.ports, places) : undefined
    try {
      attach(home, netlink, record, places)
    } finally {
      warnings.push(...(translation?.finish() ?? []))
    }
    return warnings
  } finally {
    netlink.close()
  }
}

const newRecord = (home: NetworkHome, request: NetworkRequest, wanted: readonly Wish[]): SetUpRecord => ({
  owner: request.owner,
  ownerName: request.ownerName,
  netns: namespacePath(home.namespaces ?? NAMESPACES, request.owner),
  ports: request.ports,
  links: wanted.map(({ definition }, index) => ({
    network: definition.name,
    bridge: definition.network_interface,
    hostLink: hostLinkName(request.owner, index),
  })),
})

const stateOf = (record: SetUpRecord): NetworkState => ({
  netns: record.netns,
  networks: record.links.flatMap(({ joined }) => joined ?? []),
  ports: record.ports,
})

const joinUplink = (home: NetworkHome, request: NetworkRequest, record: SetUpRecord): NetworkSetUp => {
  if (!request.uplink) return { state: stateOf(record), warnings: [] }
  const { process, uplink, warnings } = openUplink(home, record, request.uplink)
  record.uplink = process
  saveRecord(home, record)
  return { state: { ...stateOf(record), uplink }, warnings }
}

const join = (
  home: NetworkHome,
  request: NetworkRequest,
  record: SetUpRecord,
  wanted: readonly Wish[],
): NetworkSetUp => {
  createNamespace(home.kernel, record.netns, request.makeNamespace)
  if (home.rootless) return joinUplink(home, request, record)
  const warnings = joinAll(home, record, wanted)
  return { state: stateOf(record), warnings }
}

const setUpLocked = async (home: NetworkHome, request: NetworkRequest): Promise<NetworkSetUp> => {
  const wanted = home.rootless ? [] : wishes(home, request.networks)
  if (readRecord(home, request.owner)) await tearDownLocked(home, request.owner)
  probePorts(home, request.ports, request.owner)
  const record = newRecord(home, request, wanted)
  saveRecord(home, record)
  try {
    return join(home, request, record, wanted)
  } catch (error) {
    await tearDownLocked(home, request.owner)
    throw error
  }
}

/**
 * Makes and pins a network namespace, joins its networks, and sends published ports to it where nftables can. Whatever
 * an earlier attempt left for this owner goes first; on an error nothing is left behind.
 */
export const setUp = (home: NetworkHome, request: NetworkRequest): Promise<NetworkSetUp> => {
  mkdirSync(home.runroot, { recursive: true })
  return withLock(home.kernel, `${home.runroot}/network.lock`, () => setUpLocked(home, request))
}
