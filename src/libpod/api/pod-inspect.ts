import type { InspectHostPort } from './container-inspect'

/** Data of `pod inspect`, keys and shapes as Podman 5 and later print them. */
export interface PodInspect {
  Id: string
  Name: string
  Created: string
  CreateCommand?: string[]
  ExitPolicy: string
  /** `Created`, `Running`, `Degraded`, `Stopped`, `Exited`, `Paused`, `Error` */
  State: string
  Hostname: string
  Labels?: Record<string, string>
  CreateCgroup: boolean
  CgroupParent?: string
  CgroupPath?: string
  CreateInfra: boolean
  InfraContainerID?: string
  InfraConfig?: InspectInfra
  SharedNamespaces?: string[]
  NumContainers: number
  Containers?: { Id: string; Name: string; State: string }[]
  cpu_period?: number
  cpu_quota?: number
  cpu_shares?: number
  cpuset_cpus?: string
  cpuset_mems?: string
  memory_limit?: number
  memory_swap?: number
  blkio_weight?: number
  RestartPolicy: string
  LockNumber: number
}

export interface InspectInfra {
  PortBindings: Record<string, InspectHostPort[]>
  HostNetwork: boolean
  StaticIP: string
  StaticMAC: string
  NoManageResolvConf: boolean
  DNSServer: string[] | null
  DNSSearch: string[] | null
  DNSOption: string[] | null
  NoManageHostname: boolean
  NoManageHosts: boolean
  HostAdd: string[] | null
  HostsFile: string
  Networks: string[] | null
  NetworkOptions: Record<string, string[]> | null
  pid_ns?: string
  userns?: string
  uts_ns?: string
}
