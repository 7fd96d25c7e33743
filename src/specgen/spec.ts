import { TspodError } from '../errors'
import type { ContainerConfig, IdMapping, Ulimit } from '../state/types'
import type { HostFacts, SharedKind, SpecFacts } from './context-types'
import { hasVariable } from './environment'
import { isMapped } from './id-ranges'
import { invalid } from './refusal'
import { ociResources } from './resources'
import { hasUserNamespace, rootPropagation, specMounts } from './spec-mounts'
import { protectedPaths, specCapabilities, specDevices } from './spec-security'
import { defaultSysctls } from './sysctls'
import type { OciLinux, OciNamespaceType, OciProcess, OciSpec } from './types'
import { hostUlimit } from './ulimits'

/** Links that every container's /dev has: `[path, target]`. */
export const defaultDeviceLinks: readonly (readonly [string, string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/core', '/proc/kcore'],
  ['/dev/ptmx', 'pts/ptmx'],
]

const types: readonly [SharedKind, OciNamespaceType][] = [
  ['user', 'user'],
  ['pid', 'pid'],
  ['net', 'network'],
  ['ipc', 'ipc'],
  ['uts', 'uts'],
  ['cgroup', 'cgroup'],
]

const namespaces = (config: ContainerConfig, facts: SpecFacts): OciLinux['namespaces'] => {
  const list: OciLinux['namespaces'] = [{ type: 'mount' }]
  for (const [kind, type] of types) {
    const mode = config.namespaces[kind] ?? { mode: 'host' }
    if (mode.mode === 'host') continue
    const path = facts.namespacePaths[kind] ?? (mode.mode === 'path' ? mode.value : undefined)
    const joins = mode.mode === 'pod' || mode.mode === 'container' || mode.mode === 'path'
    // A new namespace in place of the one to join would break the sharing in silence.
    if (joins && !path)
      throw new TspodError('system', `container ${facts.id}: the ${kind} namespace to join is not known`)
    list.push(path ? { type, path } : { type })
  }
  return list
}

interface OwnLimit {
  soft: number
  hard: number
}

const noLimit: OwnLimit = { soft: Infinity, hard: Infinity }

// Only CAP_SYS_RESOURCE may go above the hard limit that we have ourselves.
const clamped = ({ type, soft, hard }: Ulimit, own: OwnLimit): OciProcess['rlimits'][number] => {
  const most = own.hard
  const clamp = (value: number) => Math.min(value === -1 ? Infinity : value, most)
  const word = (value: number) => (value === Infinity ? -1 : value)
  return { type: `RLIMIT_${type.toUpperCase()}`, soft: word(clamp(soft)), hard: word(clamp(hard)) }
}

const defaultLimit = 1_048_576

/** Whether limits may be raised: in a user namespace the capability is there, but does not count. */
const mayRaise = (host: HostFacts): boolean =>
  host.capabilities.includes('CAP_SYS_RESOURCE') && host.idMaps === undefined

const rlimits = (config: ContainerConfig, host: HostFacts): OciProcess['rlimits'] => {
  if (config.ulimits.some(({ type }) => type === hostUlimit.type)) return []
  const own = mayRaise(host) ? {} : host.rlimits
  const limits = new Map(config.ulimits.map((limit) => [limit.type, limit]))
  for (const type of ['nofile', 'nproc']) {
    const soft = Math.min(defaultLimit, own[type]?.soft ?? Infinity)
    if (!limits.has(type)) limits.set(type, { type, soft, hard: defaultLimit })
  }
  return [...limits.values()].map((limit) => clamped(limit, own[limit.type] ?? noLimit))
}

const environment = (config: ContainerConfig, facts: SpecFacts): string[] => {
  const env = [...config.env]
  // Where it has no UTS namespace of its own or of its pod, the name is the host's.
  const mode = config.namespaces.uts?.mode ?? 'host'
  const hostname = mode === 'host' || mode === 'path' ? facts.host.hostname : config.hostname
  if (!hasVariable(env, 'HOSTNAME')) env.push(`HOSTNAME=${hostname}`)
  if (!hasVariable(env, 'HOME')) env.push(`HOME=${facts.user.home}`)
  return env
}

const oomScore = (config: ContainerConfig, host: HostFacts): number | undefined => {
  if (config.oomScoreAdj === undefined || mayRaise(host)) return config.oomScoreAdj
  const own = Number(host.readFile('/proc/self/oom_score_adj') ?? 0)
  return Math.max(config.oomScoreAdj, own)
}

/** The user as setresuid(2) and setgroups(2) get it. Groups that the user namespace lacks can't be had. */
export const specUser = (
  config: ContainerConfig,
  { user, host }: Pick<SpecFacts, 'user'> & { host?: Pick<HostFacts, 'idMaps'> },
): OciProcess['user'] => {
  const outer = hasUserNamespace(config) ? undefined : host?.idMaps
  const { uids: uidMappings, gids: gidMappings } = outer ?? {
    uids: config.uidMappings,
    gids: config.gidMappings,
  }
  if (!isMapped(uidMappings, user.uid) || !isMapped(gidMappings, user.gid))
    throw invalid(`user ${user.uid}:${user.gid} is not mapped in the user namespace of the container`)
  return {
    uid: user.uid,
    gid: user.gid,
    umask: Number.parseInt(config.umask, 8),
    additionalGids: user.additionalGids.filter((gid) => isMapped(gidMappings, gid)),
  }
}

const processOf = (config: ContainerConfig, facts: SpecFacts): OciProcess => ({
  terminal: config.tty,
  cwd: config.workdir,
  env: environment(config, facts),
  args: [...config.argv],
  user: specUser(config, facts),
  capabilities: specCapabilities(config, facts.host, facts.user),
  rlimits: rlimits(config, facts.host),
  noNewPrivileges: config.security.noNewPrivileges,
  oomScoreAdj: oomScore(config, facts.host),
})

const mapsOf = (maps: readonly IdMapping[]) =>
  maps.map(({ container, host, size }) => ({ containerID: container, hostID: host, size }))

/** What Podman writes beside the user's own annotations. */
export const specAnnotations = (config: ContainerConfig): Record<string, string> => ({
  'io.container.manager': 'libpod',
  'org.opencontainers.image.stopSignal': String(config.stopSignal),
  ...(config.autoRemove ? { 'io.podman.annotations.autoremove': 'TRUE' } : {}),
  ...(config.security.privileged ? { 'io.podman.annotations.privileged': 'TRUE' } : {}),
  ...(config.init ? { 'io.podman.annotations.init': 'TRUE' } : {}),
  ...config.annotations,
})

/** Whether a container's system calls are filtered by default: a privileged one only by a profile that is named. */
export const wantsSeccomp = (config: ContainerConfig): boolean => {
  const { seccomp, privileged } = config.security
  return seccomp !== 'unconfined' && !(privileged && seccomp === 'default')
}

/** The OCI runtime spec (config.json) of one start of a container. */
export const generateSpec = (config: ContainerConfig, facts: SpecFacts): OciSpec => {
  const mounts = specMounts(config, facts)
  const { devices, rules } = specDevices(config, facts)
  const ownUts = config.namespaces.uts?.mode === 'private'
  const mapped = hasUserNamespace(config)
  return {
    ociVersion: '1.2.0',
    process: processOf(config, facts),
    root: { path: facts.rootfs, readonly: config.security.readOnly },
    ...(ownUts ? { hostname: config.hostname } : {}),
    mounts,
    annotations: specAnnotations(config),
    linux: {
      namespaces: namespaces(config, facts),
      uidMappings: mapped ? mapsOf(config.uidMappings) : [],
      gidMappings: mapped ? mapsOf(config.gidMappings) : [],
      devices,
      resources: { devices: rules, ...ociResources(config.resources) },
      cgroupsPath: config.cgroups === 'disabled' ? '' : facts.cgroupPath,
      sysctl: { ...defaultSysctls(config), ...config.sysctls },
      ...protectedPaths(config.security, facts.host),
      rootfsPropagation: rootPropagation(mounts),
      ...(facts.seccomp && wantsSeccomp(config) ? { seccomp: facts.seccomp } : {}),
    },
  }
}
