import type { ContainerRecord, FoundContainer, NetworkState } from '../../state'
import type { InspectBasicNetwork, InspectNetwork, InspectNetworkSettings } from '../api/container-inspect'
import { networkOwner } from '../start/network'
import { portBindings } from './ports'

const DEFAULT = 'podman'

const none: InspectBasicNetwork = {
  EndpointID: '',
  Gateway: '',
  IPAddress: '',
  IPPrefixLen: 0,
  IPv6Gateway: '',
  GlobalIPv6Address: '',
  GlobalIPv6PrefixLen: 0,
  MacAddress: '',
}

const basic = ({ address, gateway, mac }: NetworkState['networks'][number]): InspectBasicNetwork => {
  const [ip = '', length = '0'] = address.split('/')
  return ip.includes(':')
    ? {
        ...none,
        GlobalIPv6Address: ip,
        GlobalIPv6PrefixLen: Number(length),
        IPv6Gateway: gateway,
        MacAddress: mac,
      }
    : { ...none, IPAddress: ip, IPPrefixLen: Number(length), Gateway: gateway, MacAddress: mac }
}

// A network with both kinds of address has two rows of the same name.
const joined = (rows: NetworkState['networks']): InspectBasicNetwork =>
  Object.assign(
    { ...none },
    ...rows.map((row) =>
      Object.fromEntries(Object.entries(basic(row)).filter(([, value]) => value !== '' && value !== 0)),
    ),
  )

const network = (name: string, aliases: string[], data: InspectBasicNetwork): InspectNetwork => ({
  ...data,
  NetworkID: name,
  DriverOpts: null,
  IPAMConfig: null,
  Links: null,
  ...(aliases.length > 0 ? { Aliases: aliases } : {}),
})

const networksOf = (owner: ContainerRecord): Record<string, InspectNetwork> => {
  const { attachments = [] } = owner.config.network
  const rows = owner.state.network?.networks ?? []
  const names = attachments.map(({ name }) => (name === 'default' ? DEFAULT : name))
  return Object.fromEntries(
    names.map((name, index) => {
      const aliases = attachments[index]?.aliases ?? []
      return [name, network(name, aliases, joined(rows.filter((row) => row.name === name)))]
    }),
  )
}

const exposedPorts = (owner: ContainerRecord): Record<string, null> => {
  const mode = owner.config.namespaces.net?.mode
  if (mode === 'host' || mode === 'container') return {}
  return Object.fromEntries(owner.config.network.exposed.map((port) => [port, null]))
}

/** NetworkSettings: the container's own, or those of the pod whose network it is in. */
export const networkSettings = ({ sandbox, container }: FoundContainer): InspectNetworkSettings => {
  const owner = networkOwner(sandbox, container)
  const ports = portBindings(owner.state.network?.ports ?? owner.config.network.ports)
  const networks = owner.config.namespaces.net?.mode === 'bridge' ? networksOf(owner) : {}
  const only = Object.keys(networks).length === 1 ? networks[DEFAULT] : undefined
  const {
    NetworkID: _id,
    DriverOpts: _opts,
    IPAMConfig: _ipam,
    Links: _links,
    Aliases: _aliases,
    ...own
  } = only ?? network('', [], none)
  return {
    ...own,
    Bridge: '',
    SandboxID: '',
    HairpinMode: false,
    LinkLocalIPv6Address: '',
    LinkLocalIPv6PrefixLen: 0,
    Ports: { ...exposedPorts(owner), ...ports },
    SandboxKey: owner.state.network?.netns ?? '',
    ...(Object.keys(networks).length > 0 ? { Networks: networks } : {}),
  }
}
