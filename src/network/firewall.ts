import { TspodError } from '../errors'
import type { PortMapping } from '../state/types'
import {
  type FirewallTable,
  publishRules,
  removeTableRules,
  tableRules,
  withdrawRules,
} from './firewall-rules'
import type { NetworkDefinition, NetworkHome } from './types'

/**
 * Waits for a change of the rules and throws if it failed. A change is started, not waited for, as the kernel takes as
 * long for it as for the links that are made or removed at the same time.
 */
export type Finish = () => void

/** Address translation of one host. Every change is one transaction: all of it happens or nothing. */
export interface Firewall {
  /** Path of the program. */
  nft: string
  /** Whether the network's table is there: none is where `nft` failed, or somebody flushed all rules. */
  isOpen(network: FirewallTable): boolean
  /** Makes or renews a network's table; with ports, sends them to `address` in the same step. */
  open(network: NetworkDefinition, ports: readonly PortMapping[], address: string | undefined): Finish
  /** Takes a container's ports back. */
  withdraw(network: FirewallTable, ports: readonly PortMapping[], address: string): Finish
  /** Removes a network's table. */
  remove(network: FirewallTable): Finish
}

const start = (home: NetworkHome, nft: string, rules: string): Finish => {
  const finish = home.kernel.startProgram(nft, ['-f', '-'], { input: rules })
  return () => {
    const { code, stderr } = finish()
    if (code === 0) return
    const lines = stderr.toString().split('\n').filter(Boolean)
    const cause = lines.find((line) => line.includes('Error:'))?.replace(/^.*Error: /, '') ?? lines[0]
    throw new TspodError('system', `nft: ${cause ?? `exit code ${code}`}`, { call: nft })
  }
}

/** Through the `nft` program; undefined where there is none. */
export const openFirewall = (home: NetworkHome): Firewall | undefined => {
  const nft = home.nft === undefined ? home.kernel.findProgram('nft') : home.nft
  if (!nft) return undefined
  return {
    nft,
    isOpen: ({ network_interface }) => home.kernel.hasFirewallTable(network_interface),
    open: (network, ports, address) => {
      const published = address && ports.length ? publishRules(network, ports, address) : ''
      return start(home, nft, tableRules(network) + published)
    },
    withdraw: (network, ports, address) => start(home, nft, withdrawRules(network, ports, address)),
    remove: (network) => start(home, nft, removeTableRules(network)),
  }
}
