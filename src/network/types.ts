import type { Kernel } from '../kernel'
import type { NetworkState, PortMapping, Uplink } from '../state/types'

/** Where the network module keeps its things, and how it reaches the kernel. */
export interface NetworkHome {
  kernel: Kernel
  /** `--root`: network definitions live in `networks/` below it. */
  root: string
  /** `--runroot`: addresses in use, records of what is set up, and the lock. */
  runroot: string
  /** Folder in which network namespaces are pinned; `/run/netns` when missing, so that `ip netns` lists them. */
  namespaces?: string
  /** An ordinary user's: no bridges, and no way for a process to come back to the host's network. */
  rootless?: boolean
  /** Path of the `nft` program; looked for when missing, and `null` does without. */
  nft?: string | null
}

/** A network as Podman's JSON files and `network inspect` have it. */
export interface NetworkDefinition {
  name: string
  id: string
  driver: 'bridge'
  network_interface: string
  created: string
  subnets: SubnetDefinition[]
  ipv6_enabled: boolean
  internal: boolean
  dns_enabled: boolean
  labels?: Record<string, string>
  options?: Record<string, string>
  ipam_options: { driver: 'host-local' }
}

export interface SubnetDefinition {
  /** `10.88.0.0/16` */
  subnet: string
  gateway?: string
  lease_range?: { start_ip?: string; end_ip?: string }
}

/** One network that a namespace joins. */
export interface NetworkAttachment {
  /** Name of the network; `default` stands for the default one. */
  name: string
  /** Addresses asked for (`--ip`, `--ip6`, `bridge:ip=`); a subnet without one gets the next free address. */
  staticIps?: string[]
  /** `02:00:00:00:00:01` */
  staticMac?: string
  /** `eth0`, `eth1`, … in order when missing. */
  interfaceName?: string
  aliases?: string[]
}

/** What `setUp` is asked to make. */
export interface NetworkRequest {
  /** Id of the container that owns the namespace: the infra container of a pod, or a container of its own. */
  owner: string
  /** Its name, for messages about busy ports. */
  ownerName: string
  /** Empty for a namespace with nothing but loopback (`--network none`). */
  networks: NetworkAttachment[]
  /** As `assignPorts` returned them. */
  ports: PortMapping[]
  /** An ordinary user's namespace is to reach what the host reaches; missing for one that is to be alone. */
  uplink?: UplinkRequest
  /** Makes and pins the namespace at a path, where a user namespace is to own it; else the host's owns it. */
  makeNamespace?: (path: string) => void
}

export interface UplinkRequest {
  /** Whichever is there, where missing; asked for by name it must work. */
  program?: Uplink['program']
  /** Options of that program, as `--network pasta:…` has them. */
  options: readonly string[]
}

export interface NetworkSetUp {
  state: NetworkState
  /** One line each, for standard error. */
  warnings: string[]
}

/** A port to publish as the user wrote it: `hostPort` 0 asks for a free one, `protocol` may be a list such as `tcp,udp`. */
export interface PublishRequest extends Omit<PortMapping, 'protocol'> {
  protocol: string
}

/** A container's port that an image or `--expose` names. */
export interface ExposedPort {
  port: number
  protocol: PortMapping['protocol']
}

/** `--network`, taken apart. `Bridge` modes carry the networks to join. */
export type NetworkMode =
  | { mode: 'none' | 'host' | 'pod' }
  | { mode: 'bridge'; networks: NetworkAttachment[] }
  | { mode: 'container'; container: string }
  | { mode: 'path'; path: string }
  | { mode: 'pasta' | 'slirp4netns'; options: string[] }

/** A line of a hosts file. */
export interface HostEntry {
  ip: string
  names: string[]
}
