import type { Shape } from './go-shape'

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
  goNames: {
    Id: 'ID',
    lockNumber: 'LockNumber',
    HostIp: 'HostIP',
    Domainname: 'DomainName',
    sdNotifyMode: 'SdNotifyMode',
    UidMap: 'UIDMap',
    GidMap: 'GIDMap',
  },
}

export const podShape: Shape = {
  maps,
  times,
  goNames: {
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
  },
}

export const imageShape: Shape = {
  maps,
  times,
  goNames: { Id: 'ID', Healthcheck: 'HealthCheck', created: 'Created', created_by: 'CreatedBy' },
}
