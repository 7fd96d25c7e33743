import type { Netlink } from '../kernel'
import type { NetworkDefinition, NetworkHome } from './types'

/** What is missing where the kernel translates no addresses. */
export const untranslated = (why: string): string =>
  `${why}: containers reach each other and the host, but nothing beyond it, and published ports go through the relay`

export const NO_NFT = untranslated('no nft program was found (install nftables)')

/**
 * Docker lets the host forward for its own bridges alone, and no rule of another table can overrule that: the user has
 * to let ours through.
 */
export const forwardWarning = (
  home: NetworkHome,
  netlink: Netlink,
  nft: string,
  { network_interface: bridge }: NetworkDefinition,
): string[] => {
  if (!netlink.link('docker0')) return []
  const chain = (name: string) =>
    home.kernel.runProgram(nft, ['list', 'chain', 'ip', 'filter', name]).stdout.toString()
  if (!chain('FORWARD').includes('policy drop') || chain('DOCKER-USER').includes(bridge)) return []
  return [
    `the host forwards for Docker's bridges only, so containers reach nothing beyond it: ` +
      `allow ${bridge} with "iptables -I DOCKER-USER -i ${bridge} -j ACCEPT; iptables -I DOCKER-USER -o ${bridge} -j ACCEPT"`,
  ]
}
