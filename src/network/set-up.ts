import { mkdirSync } from 'node:fs'
import { TspodError } from '../errors'
import type { Netlink } from '../kernel'
import { withLock } from '../state/lock'
import type { NetworkState } from '../state/types'
import { attachCard, cardFor, hostLinkName, joinedAs, openLoopback, wantedIn } from './attach'
import { bridgeSettings, ensureBridge, type ReadyNetwork } from './bridge'
import { findDefinition } from './definitions'
import { type Firewall, openFirewall } from './firewall'
import { ipamFolder, openIpam } from './ipam'
import { createNamespace, NAMESPACES, namespacePath, withNamespace } from './namespace'
import { probePorts } from './probe'
import { readRecord, type SetUpRecord, saveRecord } from './records'
import { tearDownLocked } from './tear-down'
import type { NetworkAttachment, NetworkDefinition, NetworkHome, NetworkRequest, NetworkSetUp } from './types'
import { forwardWarning, NO_NFT } from './warnings'

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

/** Joins one network; the record knows of every step before it is taken. */
const join = (
  home: NetworkHome,
  netlink: Netlink,
  record: SetUpRecord,
  index: number,
  wish: Wish,
): ReadyNetwork => {
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
  withNamespace(record.netns, (fd) =>
    attachCard(home.kernel, netlink, fd, card, { link: link.hostLink, bridge: bridge.index }),
  )
  link.joined = joinedAs(card, definition)
  saveRecord(home, record)
  return ready
}

/** Ports go to the first network with an IPv4 address. */
const openPorts = (firewall: Firewall, record: SetUpRecord, ready: readonly ReadyNetwork[]): void => {
  const first = record.links.findIndex(({ joined }) => joined?.address.includes('.'))
  ready.forEach(({ definition, fresh }, index) => {
    const ports = index === first ? record.ports : []
    // A table that is there keeps what it has: a container without ports changes nothing.
    if (fresh || ports.length)
      firewall.open(definition, ports, record.links[index]!.joined?.address.split('/')[0])
  })
}

const joinAll = (home: NetworkHome, record: SetUpRecord, wanted: readonly Wish[]): string[] => {
  if (wanted.length === 0) return []
  const netlink = home.kernel.openNetlink()
  try {
    const ready = wanted.map((wish, index) => join(home, netlink, record, index, wish))
    const firewall = openFirewall(home)
    const fresh = ready.filter((network) => network.fresh)
    const warnings = fresh.flatMap(({ definition }) => bridgeSettings(definition))
    if (!firewall) return [...warnings, NO_NFT]
    openPorts(firewall, record, ready)
    return [
      ...warnings,
      ...fresh.flatMap(({ definition }) => forwardWarning(home, netlink, firewall.nft, definition)),
    ]
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

const setUpLocked = (home: NetworkHome, request: NetworkRequest): NetworkSetUp => {
  const wanted = wishes(home, request.networks)
  if (readRecord(home, request.owner)) tearDownLocked(home, request.owner)
  probePorts(home, request.ports, request.owner)
  const record = newRecord(home, request, wanted)
  saveRecord(home, record)
  try {
    createNamespace(home.kernel, record.netns)
    withNamespace(record.netns, (fd) => openLoopback(home.kernel, fd))
    const warnings = joinAll(home, record, wanted)
    return { state: stateOf(record), warnings }
  } catch (error) {
    tearDownLocked(home, request.owner)
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
