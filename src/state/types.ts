import type { NamespaceKind, ProcessId } from '../kernel'

/** How a container stands to one kind of namespace. `value` is the container's id or the path. */
export interface NamespaceMode {
  mode: 'private' | 'host' | 'pod' | 'container' | 'path' | 'none' | 'shareable' | 'bridge' | 'auto'
  value?: string
}

/** Namespaces of a container; one that is missing is the host's. */
export type NamespaceModes = Partial<Record<Exclude<NamespaceKind, 'mnt' | 'time'>, NamespaceMode>>

/** One row of a user namespace's map. */
export interface IdMapping {
  container: number
  host: number
  size: number
}

export interface PortMapping {
  /** Address of the host, `''` for all. */
  hostIp: string
  hostPort: number
  containerPort: number
  /** Ports in a row from the two above on. */
  range: number
  protocol: 'tcp' | 'udp' | 'sctp'
}

/** A mount that the user asked for, beside those that every container has. */
export interface MountConfig {
  type: 'bind' | 'tmpfs' | 'volume' | 'devpts' | 'mqueue'
  /** Path on the host, for a bind. */
  source?: string
  destination: string
  /** mount(8) words: `ro`, `nosuid`, `rbind`, `rslave`, `size=64m`, … */
  options: string[]
}

export interface Ulimit {
  /** Such as `nofile`. */
  type: string
  soft: number
  hard: number
}

export interface DeviceConfig {
  hostPath: string
  containerPath: string
  permissions: string
}

export interface ResourceLimits {
  /** Bytes. */
  memory?: number
  memorySwap?: number
  memoryReservation?: number
  memorySwappiness?: number
  /** CPUs as a number, 0.5 being half of one. */
  cpus?: number
  cpuShares?: number
  cpuQuota?: number
  cpuPeriod?: number
  cpusetCpus?: string
  cpusetMems?: string
  pidsLimit?: number
  blkioWeight?: number
}

export interface RestartPolicy {
  name: 'no' | 'on-failure' | 'always' | 'unless-stopped'
  /** Tries of `on-failure`; 0 for no end. */
  maximumRetries: number
}

/** One network that a namespace joins. */
export interface NetworkJoin {
  /** `default` stands for the default network. */
  name: string
  staticIps?: string[]
  staticMac?: string
  interfaceName?: string
  aliases?: string[]
}

/** What a container needs of its network, kept with the one that owns the namespace (the infra, or itself). */
export interface NetworkConfig {
  ports: PortMapping[]
  /** Ports that the image or `--expose` names: `80/tcp`. */
  exposed: string[]
  publishAll: boolean
  /** Names of networks that the user asked for; empty for the default one. */
  networks: string[]
  /** What is joined, in order; empty where the namespace is not of the bridge kind. */
  attachments?: NetworkJoin[]
  staticIp?: string
  staticMac?: string
  aliases: string[]
  dnsServers: string[]
  dnsSearch: string[]
  dnsOptions: string[]
  /** `name:address` */
  addHosts: string[]
  noHosts: boolean
  noHostname: boolean
  /** The way out that an ordinary user asked for by name. */
  uplink?: { program: Uplink['program']; options: string[] }
}

export interface SecurityConfig {
  privileged: boolean
  capAdd: string[]
  capDrop: string[]
  noNewPrivileges: boolean
  /** `default`, `unconfined`, or the path of a profile. */
  seccomp: string
  /** Extra masked paths, and paths taken off the default lists (`ALL`). */
  mask: string[]
  unmask: string[]
  readOnly: boolean
  readOnlyTmpfs: boolean
}

/** Everything about a container that is settled when it is created. It never changes while the container exists. */
export interface ContainerConfig {
  /** What the user typed after the image; empty for the image's. */
  command: string[]
  entrypoint: string[]
  /** What runs: entrypoint and command together. */
  argv: string[]
  env: string[]
  workdir: string
  /** The working folder is the image's own wish: it is made where the image lacks it. */
  createWorkdir?: boolean
  /** `user[:group]` as given, `''` for root. */
  user: string
  groups: string[]
  hostname: string
  tty: boolean
  stdin: boolean
  attach: ('stdin' | 'stdout' | 'stderr')[]
  labels: Record<string, string>
  annotations: Record<string, string>
  namespaces: NamespaceModes
  uidMappings: IdMapping[]
  gidMappings: IdMapping[]
  mounts: MountConfig[]
  devices: DeviceConfig[]
  /** Bytes. */
  shmSize: number
  init: boolean
  security: SecurityConfig
  ulimits: Ulimit[]
  sysctls: Record<string, string>
  resources: ResourceLimits
  network: NetworkConfig
  umask: string
  timezone: string
  oomScoreAdj?: number
  /** Signal number. */
  stopSignal: number
  /** Seconds. */
  stopTimeout: number
  restart: RestartPolicy
  autoRemove: boolean
  /** `k8s-file`, `none` or `passthrough`; the path and size limit of the log where given. */
  log: { driver: string; path?: string; maxSize?: number; tag?: string }
  cgroupParent: string
  /** `disabled` for a container without a cgroup of its own. */
  cgroups?: 'enabled' | 'disabled' | 'no-conmon'
  /** Seconds after which the container is killed; 0 for never. */
  timeout: number
  /** The whole command line that created it, for `inspect`. */
  createCommand: string[]
  /** Ids of containers that must run before this one. */
  requires: string[]
}

export type ContainerStatus =
  | 'created'
  | 'initialized'
  | 'running'
  | 'paused'
  | 'stopping'
  | 'stopped'
  | 'exited'
  | 'removing'

/** Address data of a network namespace that is set up; as the network module returned it. */
export interface NetworkState {
  /** Path under /run/netns. */
  netns: string
  networks: {
    name: string
    interface: string
    /** `10.88.0.5/16` */
    address: string
    gateway: string
    mac: string
  }[]
  /** Port mappings with the host ports that were drawn. */
  ports: PortMapping[]
  /** An ordinary user's way out of the namespace. */
  uplink?: Uplink
}

/** A program that passes packets between a namespace and the sockets of an ordinary user. */
export interface Uplink {
  program: 'pasta' | 'slirp4netns'
  /** Address inside that stands for the host's name server. */
  dns: string
}

export interface ContainerState {
  status: ContainerStatus
  /** The container's first process, while it runs. */
  process?: ProcessId
  /** The monitor that is its parent: the sandbox's, unless that was killed and another one took its place. */
  monitor?: ProcessId
  /** RFC 3339 with nanoseconds. */
  startedAt?: string
  finishedAt?: string
  exitCode: number
  oomKilled: boolean
  /** Why the last start failed. */
  error: string
  restartCount: number
  /** A user asked for the stop: restart policies leave it alone. */
  stoppedByUser: boolean
  /** It is down, and its monitor is about to run it again; it keeps its network and cgroup meanwhile. */
  awaitsRestart?: boolean
  /** A user's restart is under way: `--rm` does not remove it meanwhile. */
  restarting?: boolean
  network?: NetworkState
  /** Pinned user namespace of its own. */
  userns?: string
  /** Below every controller's root: `/tspod/<id>`. */
  cgroupPath: string
  execIds: string[]
}

export interface ContainerRecord {
  id: string
  name: string
  created: string
  infra: boolean
  /** Missing for an infra container. */
  image?: { id: string; name: string; digest: string }
  config: ContainerConfig
  state: ContainerState
}

/** A pod as it was created. */
export interface PodRecord {
  name: string
  created: string
  hostname: string
  labels: Record<string, string>
  /** Shared kinds in Podman's order: cgroup, ipc, net, pid, user, uts. */
  shared: Exclude<NamespaceKind, 'mnt' | 'time'>[]
  infraId?: string
  exitPolicy: 'continue' | 'stop'
  restart: RestartPolicy
  cgroupParent: string
  cgroupPath: string
  resources: ResourceLimits
  createCommand: string[]
  /** A stop of the pod was asked for, so its containers stay down. */
  stoppedByUser: boolean
}

/**
 * One JSON document of the state: a pod with all its containers, or one stand-alone container. As in the Kubernetes
 * runtime interface, what a monitor watches over is called a sandbox. Its id is the pod's or the container's.
 */
export interface Sandbox {
  schema: 1
  id: string
  pod?: PodRecord
  containers: ContainerRecord[]
  /** The process that is the parent of the containers, while one runs. */
  monitor?: ProcessId
}
