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

/** Address translation of one host. Every method is one transaction: all of it happens or nothing. */
export interface Firewall {
  /** Path of the program. */
  nft: string
  /** Makes or renews a network's table; with ports, sends them to `address` in the same step. */
  open(network: NetworkDefinition, ports: readonly PortMapping[], address: string | undefined): void
  /** Takes a container's ports back. */
  withdraw(network: FirewallTable, ports: readonly PortMapping[], address: string): void
  /** Removes a network's table. */
  remove(network: FirewallTable): void
}

const run = (home: NetworkHome, nft: string, rules: string): void => {
  const { code, stderr } = home.kernel.runProgram(nft, ['-f', '-'], { input: rules })
  if (code === 0) return
  const lines = stderr.toString().split('\n').filter(Boolean)
  const cause = lines.find((line) => line.includes('Error:'))?.replace(/^.*Error: /, '') ?? lines[0]
  throw new TspodError('system', `nft: ${cause ?? `exit code ${code}`}`, { call: nft })
}

/** Through the `nft` program; undefined where there is none. */
export const openFirewall = (home: NetworkHome): Firewall | undefined => {
  const nft = home.nft === undefined ? home.kernel.findProgram('nft') : home.nft
  if (!nft) return undefined
  return {
    nft,
    open: (network, ports, address) => {
      const published = address && ports.length ? publishRules(network, ports, address) : ''
      run(home, nft, tableRules(network) + published)
    },
    withdraw: (network, ports, address) => run(home, nft, withdrawRules(network, ports, address)),
    remove: (network) => run(home, nft, removeTableRules(network)),
  }
}
