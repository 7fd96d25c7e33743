/** The OCI image configuration as far as a container is made from it. */
export interface ImageConfig {
  User?: string
  ExposedPorts?: Record<string, object>
  Env?: string[]
  Entrypoint?: string[]
  Cmd?: string[]
  Volumes?: Record<string, object>
  WorkingDir?: string
  Labels?: Record<string, string>
  StopSignal?: string
}

/** The parts of the OCI runtime specification (1.2) that tspod writes to config.json and carries out. */
export interface OciSpec {
  ociVersion: string
  process: OciProcess
  root: { path: string; readonly: boolean }
  hostname?: string
  domainname?: string
  mounts: OciMount[]
  annotations: Record<string, string>
  linux: OciLinux
}

export interface OciProcess {
  terminal: boolean
  consoleSize?: { height: number; width: number }
  cwd: string
  env: string[]
  args: string[]
  user: { uid: number; gid: number; umask: number; additionalGids: number[] }
  capabilities: Record<'bounding' | 'effective' | 'permitted' | 'inheritable' | 'ambient', string[]>
  /** `RLIMIT_NOFILE`; -1 for unlimited. */
  rlimits: { type: string; soft: number; hard: number }[]
  noNewPrivileges: boolean
  oomScoreAdj?: number
}

export interface OciMount {
  destination: string
  type: string
  source: string
  options: string[]
}

export interface OciDevice {
  path: string
  type: 'c' | 'b' | 'p'
  major: number
  minor: number
  fileMode: number
  uid: number
  gid: number
}

export interface OciDeviceRule {
  allow: boolean
  type: 'a' | 'c' | 'b'
  /** -1 for all. */
  major: number
  minor: number
  access: string
}

export interface OciResources {
  devices: OciDeviceRule[]
  memory?: { limit?: number; reservation?: number; swap?: number; swappiness?: number }
  cpu?: { shares?: number; quota?: number; period?: number; cpus?: string; mems?: string }
  pids?: { limit: number }
  blockIO?: { weight?: number }
}

export type OciNamespaceType = 'mount' | 'uts' | 'ipc' | 'network' | 'pid' | 'cgroup' | 'user' | 'time'

export interface OciLinux {
  /** A namespace without a path is made anew; one that is missing is the host's. */
  namespaces: { type: OciNamespaceType; path?: string }[]
  uidMappings: { containerID: number; hostID: number; size: number }[]
  gidMappings: { containerID: number; hostID: number; size: number }[]
  devices: OciDevice[]
  resources: OciResources
  cgroupsPath: string
  sysctl: Record<string, string>
  maskedPaths: string[]
  readonlyPaths: string[]
  rootfsPropagation: string
  seccomp?: OciSeccomp
}

export interface OciSeccomp {
  defaultAction: string
  defaultErrnoRet?: number
  architectures: string[]
  syscalls: {
    names: string[]
    action: string
    errnoRet?: number
    args?: { index: number; value: number; valueTwo?: number; op: string }[]
  }[]
}

/**
 * What a container is created from: Podman's options by their long names in camel case. Compound values (`-v`, `-p`,
 * `--mount`, `--ulimit`, …) stay in Podman's notation; specgen reads them.
 */
export interface CreateOptions {
  image?: string
  command?: string[]
  name?: string
  /** Name or id of a pod, or `new:NAME`. */
  pod?: string
  /** A list, or as `--entrypoint` is typed: one word or a JSON list. */
  entrypoint?: string | string[]
  env?: string[]
  /** KEY=VALUE lines already read from `--env-file`. */
  envFile?: string[]
  unsetenv?: string[]
  unsetenvAll?: boolean
  envHost?: boolean
  hostEnvironment?: Record<string, string>
  /** Passes the host's proxy variables on; true where missing. */
  httpProxy?: boolean
  workdir?: string
  user?: string
  groupAdd?: string[]
  hostname?: string
  tty?: boolean
  interactive?: boolean
  attach?: string[]
  label?: string[]
  annotation?: string[]
  network?: string[]
  networkAlias?: string[]
  ip?: string
  macAddress?: string
  publish?: string[]
  publishAll?: boolean
  expose?: string[]
  dns?: string[]
  dnsSearch?: string[]
  dnsOption?: string[]
  addHost?: string[]
  noHosts?: boolean
  noHostname?: boolean
  uts?: string
  ipc?: string
  pid?: string
  cgroupns?: string
  userns?: string
  uidmap?: string[]
  gidmap?: string[]
  volume?: string[]
  mount?: string[]
  tmpfs?: string[]
  volumesFrom?: string[]
  device?: string[]
  readOnly?: boolean
  readOnlyTmpfs?: boolean
  capAdd?: string[]
  capDrop?: string[]
  privileged?: boolean
  securityOpt?: string[]
  ulimit?: string[]
  sysctl?: string[]
  shmSize?: string
  init?: boolean
  stopSignal?: string
  stopTimeout?: number
  restart?: string
  rm?: boolean
  memory?: string
  memorySwap?: string
  memoryReservation?: string
  memorySwappiness?: number
  cpus?: number
  cpuShares?: number
  cpuQuota?: number
  cpuPeriod?: number
  cpusetCpus?: string
  cpusetMems?: string
  pidsLimit?: number
  blkioWeight?: number
  cgroupParent?: string
  cgroups?: string
  oomScoreAdj?: number
  umask?: string
  tz?: string
  timeout?: number
  logDriver?: string
  logOpt?: string[]
  requires?: string[]
  createCommand?: string[]
}
