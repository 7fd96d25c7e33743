import { type Shape, TOP } from './go-shape'

const oneOf =
  (names: Readonly<Record<string, string>>) =>
  (key: string): string | undefined =>
    Object.hasOwn(names, key) ? names[key] : undefined

const maps = new Set([
  'Annotations',
  'CgroupConf',
  'Data',
  'DriverOpts',
  'ExposedPorts',
  'IPAMConfig',
  'Labels',
  'NetworkOptions',
  'Networks',
  'PortBindings',
  'Ports',
  'Tmpfs',
  'Volumes',
])

const times = new Set(['Created', 'StartedAt', 'FinishedAt', 'CheckpointedAt', 'RestoredAt', 'created'])

export const containerShape: Shape = {
  maps,
  times,
  goName: oneOf({
    Id: 'ID',
    lockNumber: 'LockNumber',
    HostIp: 'HostIP',
    Domainname: 'DomainName',
    sdNotifyMode: 'SdNotifyMode',
    UidMap: 'UIDMap',
    GidMap: 'GIDMap',
  }),
  omitted: {
    [TOP]: { OCIConfigPath: '', SizeRw: null, SizeRootFs: 0 },
    State: { CgroupPath: '', ConmonPid: 0, Restored: false, Checkpointed: false, StoppedByUser: false },
    Config: {
      ChrootDirs: null,
      CreateCommand: null,
      ExposedPorts: null,
      Passwd: null,
      Secrets: null,
      SystemdMode: false,
      Timezone: '',
      Umask: '',
      sdNotifyMode: '',
    },
    HostConfig: { CgroupManager: '', IDMappings: null, Init: false, IntelRdtClosID: '' },
    NetworkSettings: { Networks: null, SecondaryIPAddresses: null },
  },
}

export const podShape: Shape = {
  maps,
  times,
  goName: oneOf({
    Id: 'ID',
    HostIp: 'HostIP',
    cpu_period: 'CPUPeriod',
    cpu_quota: 'CPUQuota',
    cpu_shares: 'CPUShares',
    cpuset_cpus: 'CPUSetCPUs',
    cpuset_mems: 'CPUSetMems',
    memory_limit: 'MemoryLimit',
    memory_swap: 'MemorySwap',
    blkio_weight: 'BlkioWeight',
    pid_ns: 'PidNS',
    userns: 'UserNS',
    uts_ns: 'UtsNS',
  }),
  omitted: {
    [TOP]: {
      CgroupParent: '',
      CgroupPath: '',
      Containers: null,
      CreateCommand: null,
      InfraConfig: null,
      InfraContainerID: '',
      Labels: null,
      Namespace: '',
      RestartPolicy: '',
      SharedNamespaces: null,
      blkio_weight: 0,
      cpu_period: 0,
      cpu_quota: 0,
      cpu_shares: 0,
      cpuset_cpus: '',
      cpuset_mems: '',
      memory_limit: 0,
      memory_swap: 0,
    },
  },
}

export const imageShape: Shape = {
  maps,
  times,
  goName: oneOf({ Id: 'ID', Healthcheck: 'HealthCheck', created: 'Created', created_by: 'CreatedBy' }),
}

/** Go's names of `info`'s fields that are not JSON's with a capital. */
const infoNames: Readonly<Record<string, string>> = {
  apparmorEnabled: 'AppArmorEnabled',
  capabilities: 'DefaultCapabilities',
  seccompEnabled: 'SECCOMPEnabled',
  seccompProfilePath: 'SECCOMPProfilePath',
  selinuxEnabled: 'SELinuxEnabled',
  cgroupVersion: 'CgroupsVersion',
  cpus: 'CPUs',
  cpuUtilization: 'CPUUtilization',
  idMappings: 'IDMappings',
  gidmap: 'GIDMap',
  uidmap: 'UIDMap',
  ociRuntime: 'OCIRuntime',
  os: 'OS',
}

export const infoShape: Shape = {
  maps: new Set(['graphOptions', 'graphStatus', 'registries', 'runtimeInfo']),
  times: new Set(),
  goName: (key) => infoNames[key] ?? (/^[a-z]/.test(key) ? key[0]?.toUpperCase() + key.slice(1) : undefined),
}
