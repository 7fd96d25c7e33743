import { TspodError } from '../errors'
import type { Kernel } from '../kernel'
import {
  assignPorts,
  checkDnsSearch,
  checkExtraHosts,
  findNetwork,
  type NetworkHome,
  type NetworkMode,
  parseDnsServers,
  parseExposed,
  parseNetworkMode,
  parsePublish,
  withStaticAddresses,
} from '../network'
import type { CreateOptions } from '../specgen/types'
import type { NamespaceMode, NetworkConfig, NetworkJoin, PortMapping } from '../state/types'

type NetworkOptions = Pick<
  CreateOptions,
  | 'network'
  | 'networkAlias'
  | 'ip'
  | 'macAddress'
  | 'publish'
  | 'publishAll'
  | 'expose'
  | 'dns'
  | 'dnsSearch'
  | 'dnsOption'
  | 'addHost'
  | 'noHosts'
  | 'noHostname'
>

export interface NetworkPlan {
  /** Missing where the user did not say: the pod's or the default's. */
  mode?: NamespaceMode
  config: NetworkConfig
}

const namespaceMode = (mode: NetworkMode): NamespaceMode => {
  switch (mode.mode) {
    case 'container':
      return { mode: 'container', value: mode.container }
    case 'path':
      return { mode: 'path', value: mode.path }
    case 'pasta':
    case 'slirp4netns':
      return { mode: 'bridge' }
    default:
      return { mode: mode.mode }
  }
}

const readMode = (options: NetworkOptions): NetworkMode | undefined => {
  const asked = options.network?.length ? parseNetworkMode(options.network) : undefined
  const statics = { ip: options.ip, mac: options.macAddress, aliases: options.networkAlias }
  if (!statics.ip && !statics.mac && !statics.aliases?.length) return asked
  return withStaticAddresses(asked ?? parseNetworkMode([]), statics)
}

// A card on a bridge of the host takes root.
const noJoins = (mode: NetworkMode | undefined): [] => {
  const [named] = mode?.mode === 'bridge' ? mode.networks : []
  if (!named) return []
  const wish = ['name', 'staticIps', 'staticMac', 'interfaceName'] as const
  const given = wish.find((key) => named[key] !== undefined && named[key] !== 'default')
  if (given === undefined) return []
  const what = given === 'name' ? `network ${named.name}` : 'an address, MAC or name for the network card'
  throw new TspodError('unsupported', `${what} needs a bridge, which takes root: use pasta, none or host`)
}

const uplinkOf = (home: NetworkHome, mode: NetworkMode | undefined): NetworkConfig['uplink'] => {
  if (mode?.mode !== 'pasta' && mode?.mode !== 'slirp4netns') return undefined
  if (home.rootless) return { program: mode.mode, options: mode.options }
  throw new TspodError('unsupported', `network mode ${mode.mode} is for ordinary users: as root use bridge`)
}

// Names and beginnings of ids are settled now, so that a mistake shows at once and not at the start.
const joins = (home: NetworkHome, mode: NetworkMode | undefined): NetworkJoin[] => {
  if (home.rootless) return noJoins(mode)
  if (mode?.mode !== 'bridge') return mode ? [] : [{ name: 'default' }]
  return mode.networks.map((network) =>
    network.name === 'default' ? network : { ...network, name: findNetwork(home, network.name).name },
  )
}

const readPorts = (kernel: Kernel, options: NetworkOptions, exposed: readonly string[]): PortMapping[] => {
  const all = options.publishAll ? parseExposed(exposed) : undefined
  return assignPorts(kernel, parsePublish(options.publish ?? []), all)
}

const portText = ({ port, protocol }: { port: number; protocol: string }): string => `${port}/${protocol}`

/** Reads the network options; random host ports are drawn here, as they stay with the container. */
export const readNetworkOptions = (
  home: NetworkHome,
  options: NetworkOptions,
  imagePorts: readonly string[],
): NetworkPlan => {
  const mode = readMode(options)
  const exposed = [...(options.expose ?? []), ...imagePorts]
  const attachments = joins(home, mode)
  const dns = parseDnsServers(options.dns ?? [])
  return {
    mode: mode && namespaceMode(mode),
    config: {
      ports: readPorts(home.kernel, options, exposed),
      exposed: parseExposed(exposed).map(portText),
      publishAll: options.publishAll ?? false,
      networks: attachments.map(({ name }) => name).filter((name) => name !== 'default'),
      attachments,
      uplink: uplinkOf(home, mode),
      staticIp: options.ip,
      staticMac: attachments[0]?.staticMac,
      aliases: options.networkAlias ?? [],
      dnsServers: dns.none ? ['none'] : dns.servers,
      dnsSearch: checkDnsSearch(options.dnsSearch ?? []),
      dnsOptions: options.dnsOption ?? [],
      addHosts: checkExtraHosts(options.addHost ?? []),
      noHosts: options.noHosts ?? false,
      noHostname: options.noHostname ?? false,
    },
  }
}
