import { allCapabilities, defaultCapabilities } from '../../specgen/capabilities'
import { specAnnotations } from '../../specgen/spec'
import type { OciSpec } from '../../specgen/types'
import type { ContainerRecord, FoundContainer } from '../../state'
import type { InspectHostConfig } from '../api/container-inspect'
import type { EngineContext } from '../context'
import { logPath } from '../start/log'
import { modeText, userModeText } from './modes'
import { portBindings } from './ports'

const PERIOD = 100_000

const capabilities = ({ config }: ContainerRecord, spec: OciSpec | undefined) => {
  const { privileged, capAdd, capDrop } = config.security
  const usual = privileged ? allCapabilities : defaultCapabilities
  if (!spec) return { CapAdd: [...capAdd], CapDrop: [...capDrop].sort() }
  const { bounding } = spec.process.capabilities
  return {
    CapAdd: bounding.filter((name) => !usual.includes(name)),
    CapDrop: usual.filter((name) => !bounding.includes(name)).sort(),
  }
}

const securityOptions = ({ config }: ContainerRecord): string[] => {
  const { noNewPrivileges, seccomp, unmask } = config.security
  return [
    ...(noNewPrivileges ? ['no-new-privileges'] : []),
    ...(seccomp === 'default' ? [] : [`seccomp=${seccomp}`]),
    ...(unmask.some((path) => path.toLowerCase() === 'all') ? ['unmask=all'] : []),
  ]
}

const mounts = ({ config }: ContainerRecord) => {
  const binds: string[] = []
  const tmpfs: Record<string, string> = {}
  for (const { type, source, destination, options } of config.mounts) {
    if (type === 'tmpfs') tmpfs[destination] = options.join(',')
    else if (type === 'bind')
      binds.push([source ?? destination, destination, options.join(',')].filter(Boolean).join(':'))
  }
  return { Binds: binds, Tmpfs: tmpfs }
}

const humanSize = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  let size = bytes
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${Number(size.toPrecision(4))}${units[unit]}`
}

const resources = ({ config }: ContainerRecord) => {
  const limits = config.resources
  const quota = limits.cpuQuota ?? (limits.cpus ? Math.round(limits.cpus * PERIOD) : 0)
  const period = limits.cpuPeriod ?? (limits.cpus ? PERIOD : 0)
  return {
    CpuShares: limits.cpuShares ?? 0,
    Memory: limits.memory ?? 0,
    NanoCpus: period === PERIOD ? 10_000 * quota : 0,
    BlkioWeight: limits.blkioWeight ?? 0,
    BlkioWeightDevice: null,
    BlkioDeviceReadBps: null,
    BlkioDeviceWriteBps: null,
    BlkioDeviceReadIOps: null,
    BlkioDeviceWriteIOps: null,
    CpuPeriod: period,
    CpuQuota: quota,
    CpuRealtimePeriod: 0,
    CpuRealtimeRuntime: 0,
    CpusetCpus: limits.cpusetCpus ?? '',
    CpusetMems: limits.cpusetMems ?? '',
    DiskQuota: 0,
    KernelMemory: 0,
    MemoryReservation: limits.memoryReservation ?? 0,
    MemorySwap: limits.memorySwap ?? 0,
    MemorySwappiness: limits.memorySwappiness ?? 0,
    OomKillDisable: false,
    PidsLimit: Math.max(limits.pidsLimit ?? 0, 0),
    CpuCount: 0,
    CpuPercent: 0,
    IOMaximumIOps: 0,
    IOMaximumBandwidth: 0,
    CgroupConf: null,
  }
}

const ulimits = ({ config }: ContainerRecord, spec: OciSpec | undefined) =>
  spec
    ? spec.process.rlimits.map(({ type, soft, hard }) => ({ Name: type, Soft: soft, Hard: hard }))
    : config.ulimits.map(({ type, soft, hard }) => ({
        Name: `RLIMIT_${type.toUpperCase()}`,
        Soft: soft,
        Hard: hard,
      }))

const logging = (context: EngineContext, container: ContainerRecord) => {
  const { driver, maxSize = 0, tag = '' } = container.config.log
  const path = driver === 'k8s-file' ? logPath(context, container) : ''
  return { Type: driver, Config: null, Path: path, Tag: tag, Size: humanSize(maxSize) }
}

const namespaces = ({ sandbox, container }: FoundContainer) => {
  const { uidMappings, gidMappings } = container.config
  const rows = (maps: typeof uidMappings) =>
    maps.map(({ container: inside, host, size }) => `${inside}:${host}:${size}`)
  return {
    CgroupMode: modeText(sandbox, container, 'cgroup'),
    NetworkMode: modeText(sandbox, container, 'net'),
    IpcMode: modeText(sandbox, container, 'ipc'),
    PidMode: modeText(sandbox, container, 'pid'),
    UTSMode: modeText(sandbox, container, 'uts'),
    UsernsMode: userModeText(sandbox, container),
    ...(uidMappings.length > 0
      ? { IDMappings: { UidMap: rows(uidMappings), GidMap: rows(gidMappings) } }
      : {}),
  }
}

const network = ({ container }: FoundContainer) => {
  const { network: config, namespaces: modes } = container.config
  const owns = modes.net?.mode === 'bridge'
  return {
    PortBindings: owns ? portBindings(container.state.network?.ports ?? config.ports) : {},
    PublishAllPorts: config.publishAll,
    Dns: config.dnsServers.filter((server) => server !== 'none'),
    DnsOptions: config.dnsOptions,
    DnsSearch: config.dnsSearch,
    ExtraHosts: config.addHosts,
    HostsFile: '',
  }
}

/** The part of inspect that is about the container's place on the host. */
export const hostConfig = (
  context: EngineContext,
  found: FoundContainer,
  spec: OciSpec | undefined,
): InspectHostConfig => {
  const { container } = found
  const { config } = container
  const annotations = specAnnotations(config)
  return {
    ...mounts(container),
    CgroupManager: context.cgroupManager,
    ContainerIDFile: config.annotations['io.podman.annotations.cid-file'] ?? '',
    LogConfig: logging(context, container),
    RestartPolicy: { Name: config.restart.name, MaximumRetryCount: config.restart.maximumRetries },
    AutoRemove: config.autoRemove,
    AutoRemoveImage: false,
    Annotations: annotations,
    VolumeDriver: '',
    VolumesFrom: null,
    ...capabilities(container, spec),
    ...network(found),
    GroupAdd: config.groups,
    ...namespaces(found),
    Cgroup: '',
    Cgroups: config.cgroups === 'disabled' ? 'disabled' : 'default',
    Links: null,
    OomScoreAdj: config.oomScoreAdj ?? 0,
    Privileged: config.security.privileged,
    ReadonlyRootfs: config.security.readOnly,
    SecurityOpt: securityOptions(container),
    ShmSize: config.shmSize,
    Runtime: 'oci',
    ConsoleSize: [0, 0],
    Isolation: '',
    CgroupParent: config.cgroupParent === '/tspod' ? '' : config.cgroupParent,
    ...resources(container),
    Devices: config.devices.map(({ hostPath, containerPath, permissions }) => ({
      PathOnHost: hostPath,
      PathInContainer: containerPath,
      CgroupPermissions: permissions,
    })),
    ...(config.init ? { Init: true } : {}),
    Ulimits: ulimits(container, spec),
  }
}
