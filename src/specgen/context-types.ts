import type {
  ContainerConfig,
  ContainerRecord,
  IdMapping,
  NamespaceMode,
  NetworkConfig,
  PodRecord,
} from '../state/types'
import type { CreateOptions, ImageConfig, OciDevice, OciSeccomp } from './types'

/** The host's control groups; a `Cgroups` of src/runtime/cgroups fits. */
export interface CgroupFacts {
  version: 'v1' | 'v2' | 'hybrid' | 'none'
  controllers: readonly string[]
  /** The hierarchies that our cgroups are made in. `name` is the folder's below the mount, such as `cpu,cpuacct`. */
  hierarchies: readonly { name: string; mount: string; version: 1 | 2; controllers: readonly string[] }[]
}

/** What is known about the host when a container is created or started. Functions are looked up only where needed. */
export interface HostFacts {
  hostname: string
  cgroups: CgroupFacts
  /** Online processors. */
  processors: number
  /** Capabilities of our bounding set, as `CAP_CHOWN`. */
  capabilities: readonly string[]
  /** Our own limits, as /proc/self/limits says them; Infinity for unlimited. Keyed as `nofile`. */
  rlimits: Readonly<Record<string, { soft: number; hard: number }>>
  /** The maps of an ordinary user's user namespace, that we are in: the kernel gives less there. Missing for root. */
  idMaps?: { uids: readonly IdMapping[]; gids: readonly IdMapping[] }
  /** Whether the kernel knows POSIX message queues. */
  mqueue: boolean
  /** Whether the kernel can filter system calls. */
  seccomp: boolean
  /** Size of the system's memory in bytes. */
  memory: number
  /** For relative paths of `-v`. */
  cwd: string
  pathKind(path: string): 'file' | 'directory' | undefined
  /** The device at a path of the host, or all devices below a folder; empty where there is none. */
  devices(path: string): OciDevice[]
  /** Whole text of a small file of the host, undefined where there is none. */
  readFile(path: string): string | undefined
}

/** A container as options such as `--pid container:X` need it. */
export interface OtherContainer {
  id: string
  name: string
  pod?: string
  config: ContainerConfig
}

/** What createContainerConfig needs beside the options. */
export interface CreateContext {
  id: string
  name: string
  image?: { config: ImageConfig; name: string }
  pod?: { id: string; record: PodRecord; infra?: ContainerRecord }
  host: HostFacts
  /** What `--network` asks for; missing where it was not given. `value` is a container's name or id, or a path. */
  networkMode?: NamespaceMode
  /** Already read from the network options; where missing, empty. */
  network?: NetworkConfig
  /** Throws Podman's error where there is none. */
  lookupContainer(nameOrId: string): OtherContainer
  /** Host ids that other containers' user namespaces hold, for `--userns auto`. */
  usedIds?(): { uids: IdMapping[]; gids: IdMapping[] }
  /** Highest id of the image's passwd and group files plus one, for `--userns auto`. */
  imageIds?(): number
  /** Told of an option that has no effect on this host. */
  warn?(message: string): void
}

/** Options of `pod create`. Those that it shares with `create` shape the infra container. */
export interface PodOptions
  extends Pick<
    CreateOptions,
    | 'name'
    | 'hostname'
    | 'label'
    | 'network'
    | 'networkAlias'
    | 'ip'
    | 'macAddress'
    | 'publish'
    | 'dns'
    | 'dnsSearch'
    | 'dnsOption'
    | 'addHost'
    | 'noHosts'
    | 'noHostname'
    | 'pid'
    | 'uts'
    | 'userns'
    | 'uidmap'
    | 'gidmap'
    | 'volume'
    | 'volumesFrom'
    | 'device'
    | 'securityOpt'
    | 'sysctl'
    | 'shmSize'
    | 'restart'
    | 'memory'
    | 'memorySwap'
    | 'cpus'
    | 'cpuShares'
    | 'cpusetCpus'
    | 'cpusetMems'
    | 'blkioWeight'
    | 'cgroupParent'
    | 'createCommand'
  > {
  /** As typed: `net,uts`, `+pid`, `none`, `''`. */
  share?: string
  /** Undefined where neither `--infra` nor `--infra=false` was given. */
  infra?: boolean
  infraCommand?: string
  infraName?: string
  infraImage?: string
  exitPolicy?: string
  shareParent?: boolean
}

/** The user that a container's processes run as, looked up in the image's passwd and group files. */
export interface ResolvedUser {
  uid: number
  gid: number
  additionalGids: number[]
  home: string
  name: string
  /** False where passwd has no line for the uid. */
  known: boolean
}

/** Kinds of namespace that a spec may name. */
export type SharedKind = keyof ContainerConfig['namespaces']

/** What generateSpec needs of the start at hand. */
export interface SpecFacts {
  id: string
  name: string
  host: HostFacts
  /** The container's root, as the OCI spec names it. */
  rootfs: string
  user: ResolvedUser
  /** Namespace files to join: those pinned for it, the pod's, another container's. */
  namespacePaths: Partial<Record<SharedKind, string>>
  /** `/tspod/<id>` */
  cgroupPath: string
  /** Files of the host that are bind mounted over the container's own; a missing one leaves the image's. */
  files: {
    hosts?: string
    resolvConf?: string
    hostname?: string
    containerenv?: string
    /** Made where the user has no line of its own in the image's. */
    passwd?: string
    group?: string
  }
  /** Folder with the tmpfs that is /dev/shm, where it is shared; otherwise a tmpfs is made inside. */
  shmPath?: string
  /** An infra container: it gets none of the mounts that it keeps for the pod's members. */
  infra?: boolean
  seccomp?: OciSeccomp
  /** Host path of a volume; `name` is empty for one that the image asks for. Without a path it is left out. */
  volumePath?(name: string, destination: string): string | undefined
}
