import { mkdirSync, readdirSync } from 'node:fs'
import { isTspodError, TspodError } from '../errors'
import type { Link, Netlink } from '../kernel'
import { parseIp } from '../kernel/ip'
import { errnoOf } from '../state/files'
import { withLock } from '../state/lock'
import { hostLinkName } from './attach'
import { listDefinitions } from './definitions'
import { type Finish, openFirewall } from './firewall'
import { ipamFolder, openIpam } from './ipam'
import { bridgeMac } from './mac'
import { NAMESPACES, namespacePath, removeNamespace } from './namespace'
import { type LinkRecord, owners, readRecord, removeRecord, type SetUpRecord } from './records'
import type { NetworkHome } from './types'
import { closeUplink } from './uplink'

/** Runs a step and keeps its failure: the other steps do not depend on it. */
type Try = (doing: string, act: () => void | Promise<void>) => Promise<void>

const collecting = (errors: TspodError[]): Try => {
  return async (doing, act) => {
    try {
      await act()
    } catch (error) {
      errors.push(
        isTspodError(error)
          ? error
          : new TspodError(
              'system',
              `${doing}: ${(error as Error).message}`,
              { errno: errnoOf(error) },
              error,
            ),
      )
    }
  }
}

/** What an owner whose record is gone may have had: all names follow from its id. */
const presumed = (home: NetworkHome, owner: string): SetUpRecord => ({
  owner,
  ownerName: owner,
  netns: namespacePath(home.namespaces ?? NAMESPACES, owner),
  ports: [],
  links: (home.rootless ? [] : listDefinitions(home)).map((definition, index) => ({
    network: definition.name,
    bridge: definition.network_interface,
    hostLink: hostLinkName(owner, index),
  })),
})

const othersAreOn = (netlink: Netlink, bridge: Link, link: LinkRecord): boolean =>
  netlink.links({ master: bridge.index }).some(({ name }) => name !== link.hostLink)

/** The network's bridge, where this owner is the last one on it. */
const emptiedBridge = (home: NetworkHome, netlink: Netlink, link: LinkRecord): Link | undefined => {
  const bridge = netlink.link(link.bridge)
  if (bridge?.mac !== bridgeMac(home.root, link.network)) return undefined
  return othersAreOn(netlink, bridge, link) ? undefined : bridge
}

// No other group of links on the host is likely to have such a number.
const GROUP = 0x74730000

/** Deletes the owner's link, and the bridge with it at the price of one. */
const removeLinks = async (netlink: Netlink, link: LinkRecord, bridge: Link | undefined): Promise<void> => {
  const own = bridge && netlink.link(link.hostLink)
  if (!bridge || !own) {
    await netlink.deleteLinkAside(link.hostLink)
    if (bridge) await netlink.deleteLinkAside(bridge.name)
    return
  }
  const group = GROUP + (bridge.index & 0xffff)
  netlink.changeLink(own.index, { group })
  netlink.changeLink(bridge.index, { group })
  await netlink.deleteGroupAside(group)
}

/** Takes the owner's ports out of the network's table, or the whole table with its last owner. */
const untranslate = (
  home: NetworkHome,
  record: SetUpRecord,
  link: LinkRecord,
  isLast: boolean,
): Finish | undefined => {
  const table = { network_interface: link.bridge }
  const address = record.ports.length ? link.joined?.address.split('/')[0] : undefined
  if (!isLast && !address) return undefined
  const firewall = openFirewall(home)
  if (!firewall?.isOpen(table)) return undefined
  if (isLast) return firewall.remove(table)
  return address ? firewall.withdraw(table, record.ports, address) : undefined
}

const leaveOne = async (
  home: NetworkHome,
  netlink: Netlink,
  record: SetUpRecord,
  link: LinkRecord,
  attempt: Try,
): Promise<void> => {
  let bridge: Link | undefined
  let finish: Finish | undefined
  await attempt(`look at bridge ${link.bridge}`, () => {
    bridge = emptiedBridge(home, netlink, link)
  })
  // The kernel takes tens of milliseconds to delete a bridge: rules go meanwhile.
  const removed = attempt(`remove ${link.hostLink}`, () => removeLinks(netlink, link, bridge))
  const doing = `withdraw the ports of ${record.ownerName}`
  await attempt(doing, () => {
    finish = untranslate(home, record, link, bridge !== undefined)
  })
  await removed
  await attempt(doing, () => finish?.())
  const ip = finish && record.ports.length ? parseIp(link.joined?.address.split('/')[0] ?? '') : undefined
  if (ip?.length === 4) home.kernel.forgetConnections(ip)
  await attempt(`release the addresses of ${record.ownerName}`, () =>
    openIpam(ipamFolder(home, link.network), link.network).release(record.owner),
  )
}

/** `tearDown` for whoever holds the network lock. */
export const tearDownLocked = async (home: NetworkHome, owner: string): Promise<TspodError[]> => {
  const errors: TspodError[] = []
  const attempt = collecting(errors)
  const record = readRecord(home, owner) ?? presumed(home, owner)
  if (record.links.length) {
    const netlink = home.kernel.openNetlink()
    try {
      for (const link of record.links) await leaveOne(home, netlink, record, link, attempt)
    } finally {
      netlink.close()
    }
  }
  await attempt(`end the uplink of ${record.ownerName}`, () => closeUplink(home, record))
  await attempt(`remove network namespace ${record.netns}`, () => removeNamespace(home.kernel, record.netns))
  // What failed is tried again by whoever comes next: the record says what it is.
  if (errors.length === 0) await attempt(`forget ${owner}`, () => removeRecord(home, owner))
  return errors
}

const locked = <T>(home: NetworkHome, act: () => Promise<T>): Promise<T> => {
  mkdirSync(home.runroot, { recursive: true })
  return withLock(home.kernel, `${home.runroot}/network.lock`, act)
}

/**
 * Deletes the owner's links where others stay on the bridge: that takes the kernel some ten milliseconds, in which those who
 * wait for the lock need not wait. Failures are met again by whoever holds it.
 */
const removeOwnLinks = async (home: NetworkHome, owner: string): Promise<void> => {
  const links = readRecord(home, owner)?.links ?? []
  if (links.length === 0) return
  const netlink = home.kernel.openNetlink()
  try {
    for (const link of links) {
      const bridge = netlink.link(link.bridge)
      if (bridge && othersAreOn(netlink, bridge, link)) await netlink.deleteLinkAside(link.hostLink)
    }
  } catch {
    // the same is tried under the lock
  } finally {
    netlink.close()
  }
}

/**
 * Undoes `setUp`, also one that was cut short: takes ports back, removes the owner's links, addresses and namespace,
 * and with the last owner of a network its bridge and rules. Goes on after failures and returns them; may be repeated.
 */
export const tearDown = async (home: NetworkHome, owner: string): Promise<TspodError[]> => {
  await removeOwnLinks(home, owner)
  return locked(home, () => tearDownLocked(home, owner))
}

const leaseHolders = (home: NetworkHome): string[] => {
  try {
    return readdirSync(ipamFolder(home, '')).flatMap((network) => [
      ...openIpam(ipamFolder(home, network), network).leases().values(),
    ])
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw error
  }
}

/** Tears down everything of owners that `isAlive` denies, as killed processes leave it; their ids. */
export const reclaim = (home: NetworkHome, isAlive: (owner: string) => boolean): Promise<string[]> =>
  locked(home, async () => {
    const gone = [...new Set([...owners(home), ...leaseHolders(home)])].filter(
      (owner) => owner && !isAlive(owner),
    )
    for (const owner of gone) await tearDownLocked(home, owner)
    return gone
  })
