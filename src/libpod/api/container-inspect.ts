/** Data of `container inspect`, keys and shapes as Podman 5 and later print them. */
export interface ContainerInspect {
  Id: string
  Created: string
  Path: string
  Args: string[]
  State: InspectState
  Image: string
  ImageDigest: string
  ImageName: string
  Rootfs: string
  Pod: string
  ResolvConfPath: string
  HostnamePath: string
  HostsPath: string
  StaticDir: string
  OCIConfigPath?: string
  OCIRuntime: string
  ConmonPidFile: string
  PidFile: string
  Name: string
  RestartCount: number
  Driver: string
  MountLabel: string
  ProcessLabel: string
  AppArmorProfile: string
  EffectiveCaps: string[] | null
  BoundingCaps: string[] | null
  ExecIDs: string[]
  GraphDriver: { Name: string; Data: Record<string, string> | null }
  SizeRw?: number
  SizeRootFs?: number
  Mounts: InspectMount[]
  Dependencies: string[]
  NetworkSettings: InspectNetworkSettings
  Namespace: string
  IsInfra: boolean
  IsService: boolean
  KubeExitCodePropagation: string
  lockNumber: number
  Config: InspectConfig
  HostConfig: InspectHostConfig
  UseImageHosts: boolean
  UseImageHostname: boolean
}

export interface InspectState {
  OciVersion: string
  Status: string
  Running: boolean
  Paused: boolean
  Restarting: boolean
  OOMKilled: boolean
  Dead: boolean
  Pid: number
  ConmonPid?: number
  ExitCode: number
  Error: string
  StartedAt: string
  FinishedAt: string
  CgroupPath?: string
  CheckpointedAt: string
  RestoredAt: string
  StoppedByUser?: boolean
}

export interface InspectMount {
  Type: string
  Name?: string
  Source: string
  Destination: string
  Driver: string
  Mode: string
  Options: string[] | null
  RW: boolean
  Propagation: string
}

export interface InspectHostPort {
  HostIp: string
  HostPort: string
}

export interface InspectBasicNetwork {
  EndpointID: string
  Gateway: string
  IPAddress: string
  IPPrefixLen: number
  IPv6Gateway: string
  GlobalIPv6Address: string
  GlobalIPv6PrefixLen: number
  MacAddress: string
}

export interface InspectNetwork extends InspectBasicNetwork {
  NetworkID: string
  DriverOpts: Record<string, string> | null
  IPAMConfig: Record<string, string> | null
  Links: string[] | null
  Aliases?: string[]
}

export interface InspectNetworkSettings extends InspectBasicNetwork {
  Bridge: string
  SandboxID: string
  HairpinMode: boolean
  LinkLocalIPv6Address: string
  LinkLocalIPv6PrefixLen: number
  Ports: Record<string, InspectHostPort[] | null>
  SandboxKey: string
  Networks?: Record<string, InspectNetwork>
}

export interface InspectConfig {
  Hostname: string
  Domainname: string
  User: string
  AttachStdin: boolean
  AttachStdout: boolean
  AttachStderr: boolean
  Tty: boolean
  OpenStdin: boolean
  StdinOnce: boolean
  Env: string[]
  Cmd: string[] | null
  Image: string
  Volumes: Record<string, object> | null
  WorkingDir: string
  Entrypoint: string[] | null
  OnBuild: string | null
  Labels: Record<string, string> | null
  Annotations: Record<string, string> | null
  StopSignal: string
  HealthcheckOnFailureAction: string
  CreateCommand?: string[]
  Timezone?: string
  Umask?: string
  Timeout: number
  StopTimeout: number
  Passwd?: boolean
  sdNotifyMode?: string
  ExposedPorts?: Record<string, object>
}

export interface InspectHostConfig {
  Binds: string[]
  CgroupManager: string
  CgroupMode: string
  ContainerIDFile: string
  LogConfig: { Type: string; Config: Record<string, string> | null; Path: string; Tag: string; Size: string }
  NetworkMode: string
  PortBindings: Record<string, InspectHostPort[]>
  RestartPolicy: { Name: string; MaximumRetryCount: number }
  AutoRemove: boolean
  AutoRemoveImage: boolean
  Annotations: Record<string, string> | null
  VolumeDriver: string
  VolumesFrom: string[] | null
  CapAdd: string[]
  CapDrop: string[]
  Dns: string[]
  DnsOptions: string[]
  DnsSearch: string[]
  ExtraHosts: string[]
  HostsFile: string
  GroupAdd: string[]
  IpcMode: string
  Cgroup: string
  Cgroups: string
  Links: string[] | null
  OomScoreAdj: number
  PidMode: string
  Privileged: boolean
  PublishAllPorts: boolean
  ReadonlyRootfs: boolean
  SecurityOpt: string[]
  Tmpfs: Record<string, string>
  UTSMode: string
  UsernsMode: string
  IDMappings?: { UidMap: string[]; GidMap: string[] }
  ShmSize: number
  Runtime: string
  ConsoleSize: [number, number]
  Isolation: string
  CpuShares: number
  Memory: number
  NanoCpus: number
  CgroupParent: string
  BlkioWeight: number
  BlkioWeightDevice: object[] | null
  BlkioDeviceReadBps: object[] | null
  BlkioDeviceWriteBps: object[] | null
  BlkioDeviceReadIOps: object[] | null
  BlkioDeviceWriteIOps: object[] | null
  CpuPeriod: number
  CpuQuota: number
  CpuRealtimePeriod: number
  CpuRealtimeRuntime: number
  CpusetCpus: string
  CpusetMems: string
  Devices: { PathOnHost: string; PathInContainer: string; CgroupPermissions: string }[]
  DiskQuota: number
  KernelMemory: number
  MemoryReservation: number
  MemorySwap: number
  MemorySwappiness: number
  OomKillDisable: boolean
  Init?: boolean
  PidsLimit: number
  Ulimits: { Name: string; Soft: number; Hard: number }[]
  CpuCount: number
  CpuPercent: number
  IOMaximumIOps: number
  IOMaximumBandwidth: number
  CgroupConf: Record<string, string> | null
}
