import type { Shape } from './go-shape'

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
