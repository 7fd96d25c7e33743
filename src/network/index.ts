import type { TspodError } from '../errors'
import type { Kernel } from '../kernel'
import type { NetworkState, PortMapping } from '../state/types'
import type {
  ExposedPort,
  HostEntry,
  NetworkAttachment,
  NetworkDefinition,
  NetworkHome,
  NetworkMode,
  NetworkRequest,
  NetworkSetUp,
  PublishRequest,
} from './types'

// Declarations first: the bodies follow, one module after the other.

/** `-p` values, in Podman's grammar and with its errors. */
export declare function parsePublish(specs: readonly string[]): PublishRequest[]
/** `--expose` values and an image's ExposedPorts keys: `80`, `80/udp`, `8000-8010/tcp`. */
export declare function parseExposed(specs: readonly string[]): ExposedPort[]
/** Checks, joins and sorts mappings and draws free host ports; `exposed` is given for `-P`. */
export declare function assignPorts(
  kernel: Kernel,
  requested: readonly PublishRequest[],
  exposed?: readonly ExposedPort[],
): PortMapping[]
/** The names that Podman's JSON has: `{host_ip, container_port, host_port, range, protocol}`. */
export declare function portMappingJson(mapping: PortMapping): Record<string, string | number>
/** `0.0.0.0:8080->80/tcp, …`, as `ps` prints them. */
export declare function formatPorts(
  mappings: readonly PortMapping[],
  exposed?: readonly ExposedPort[],
): string

/** `--network` values; `undefined` where none was given means the default network. */
export declare function parseNetworkMode(values: readonly string[]): NetworkMode
/** `--ip`, `--ip6`, `--mac-address`, `--network-alias` laid over the parsed mode. */
export declare function withStaticAddresses(
  mode: NetworkMode,
  options: { ip?: string; ip6?: string; mac?: string; aliases?: string[] },
): NetworkMode

/** Finds a network by name, id or start of an id; Podman's "network not found" error. Makes the default one on first use. */
export declare function findNetwork(home: NetworkHome, nameOrId: string): NetworkDefinition
export declare function listNetworks(home: NetworkHome): NetworkDefinition[]

/** Throws where a host port is taken, naming port and holder. Leaves nothing open. */
export declare function probePorts(home: NetworkHome, ports: readonly PortMapping[]): void
/** Makes and pins a namespace, joins its networks, publishes ports by nftables. On an error nothing is left behind. */
export declare function setUp(home: NetworkHome, request: NetworkRequest): NetworkSetUp
/** Undoes `setUp`, also one that was cut short. Goes on after failures and returns them. Can be repeated. */
export declare function tearDown(home: NetworkHome, owner: string): TspodError[]
/** Tears down all owners that `isAlive` denies; their ids. */
export declare function reclaim(home: NetworkHome, isAlive: (owner: string) => boolean): string[]

/** Text of /etc/hosts. `base` is the text of the base file. */
export declare function hostsFile(request: {
  base?: string
  /** `name[;name]:address`, the address may be `host-gateway`. */
  extraHosts?: readonly string[]
  /** Address behind `host.containers.internal`; none when missing. */
  hostAddress?: string
  entries: readonly HostEntry[]
}): string
/** Adds entries whose names are not there yet: containers that join the namespace of the file's owner. */
export declare function addHostEntries(text: string, entries: readonly HostEntry[]): string
export declare function removeHostEntries(text: string, entries: readonly HostEntry[]): string
/** The container's own lines in /etc/hosts. */
export declare function ownHostEntries(
  mode: NetworkMode,
  state: NetworkState | undefined,
  names: readonly string[],
): HostEntry[]
/** Address that `host.containers.internal` stands for. */
export declare function hostAddress(mode: NetworkMode, state: NetworkState | undefined): string | undefined
/** Path of the base hosts file for `--hosts-file`'s value; undefined for `none`. `image` gives the image's own. */
export declare function baseHostsPath(value: string, imageRoot?: string): string | undefined
/** `--add-host` values, checked with Podman's errors. */
export declare function checkExtraHosts(values: readonly string[]): string[]

/** Text of /etc/resolv.conf. `read` gives a file of the host or undefined. */
export declare function resolvConf(
  request: {
    /** The container uses the host's network: nothing is filtered. */
    hostNetwork: boolean
    ipv6?: boolean
    servers?: readonly string[]
    search?: readonly string[]
    options?: readonly string[]
    /** Pinned namespace; `ip netns` keeps files for it under /etc/netns. */
    namespace?: string
  },
  read: (path: string) => string | undefined,
): string
/** `--dns` values: `none` alone, or addresses. */
export declare function parseDnsServers(values: readonly string[]): { none: boolean; servers: string[] }
export declare function checkDnsSearch(values: readonly string[]): string[]

export type {
  ExposedPort,
  HostEntry,
  NetworkAttachment,
  NetworkDefinition,
  NetworkHome,
  NetworkMode,
  NetworkRequest,
  NetworkSetUp,
  PublishRequest,
}
