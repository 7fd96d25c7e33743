import type { ContainerConfig, MountConfig } from '../state/types'
import type { SpecFacts } from './context-types'
import { isMapped } from './id-ranges'
import { depth } from './paths'
import type { OciMount } from './types'

/** Whether the container runs in a user namespace other than the host's. */
export const hasUserNamespace = (config: ContainerConfig): boolean => {
  const mode = config.namespaces.user?.mode ?? 'host'
  return mode !== 'host'
}

/** Whether the host's own namespaces are out of the power of the container's init. */
const isConfined = (config: ContainerConfig, facts: SpecFacts): boolean =>
  hasUserNamespace(config) || facts.host.idMaps !== undefined

const isHost = (config: ContainerConfig, kind: keyof ContainerConfig['namespaces']) =>
  (config.namespaces[kind]?.mode ?? 'host') === 'host'

const locked = ['nosuid', 'noexec', 'nodev']

const bindOf = (path: string, ...options: string[]): OciMount => ({
  destination: path,
  type: 'bind',
  source: path,
  options: ['rbind', 'rprivate', ...locked, ...options],
})

const procMount = (config: ContainerConfig, facts: SpecFacts): OciMount =>
  // The kernel mounts no procfs for a user namespace that does not own the PID namespace.
  isConfined(config, facts) && isHost(config, 'pid')
    ? bindOf('/proc')
    : { destination: '/proc', type: 'proc', source: 'proc', options: [...locked] }

/** sysfs shows the network namespace, and only its owner may mount it. */
const canMountSys = (config: ContainerConfig, facts: SpecFacts): boolean => {
  const mode = config.namespaces.net?.mode
  if (!isConfined(config, facts)) return true
  if (mode === 'pod' && !hasUserNamespace(config)) return true
  return mode === 'bridge' || mode === 'none' || mode === 'private'
}

const sysMount = (config: ContainerConfig, facts: SpecFacts): OciMount => {
  const access = config.security.privileged ? 'rw' : 'ro'
  return canMountSys(config, facts)
    ? { destination: '/sys', type: 'sysfs', source: 'sysfs', options: ['rprivate', ...locked, access] }
    : bindOf('/sys', access)
}

/** Message queues show the IPC namespace; its owner alone mounts them, and many hosts have not done so. */
const mqueueMount = (config: ContainerConfig, { host, ...facts }: SpecFacts): OciMount[] => {
  const destination = '/dev/mqueue'
  if (!host.mqueue) return []
  if (!isConfined(config, { ...facts, host }) || !isHost(config, 'ipc'))
    return [{ destination, type: 'mqueue', source: 'mqueue', options: [...locked] }]
  return host.pathKind(destination) ? [bindOf(destination)] : []
}

const devMounts = (config: ContainerConfig, facts: SpecFacts): OciMount[] => {
  const { readOnly, readOnlyTmpfs } = config.security
  const dev = ['nosuid', 'strictatime', 'mode=755', 'size=65536k']
  if (readOnly && !readOnlyTmpfs) dev.push('ro')
  // Group 5 is the group of terminals, which a small map may lack.
  const maps = hasUserNamespace(config) ? config.gidMappings : (facts.host.idMaps?.gids ?? [])
  const group = isMapped(maps, 5) ? ['gid=5'] : []
  const pts = ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', ...group]
  const mounts: OciMount[] = [
    { destination: '/dev', type: 'tmpfs', source: 'tmpfs', options: dev },
    { destination: '/dev/pts', type: 'devpts', source: 'devpts', options: pts },
  ]
  mounts.push(...mqueueMount(config, facts))
  return mounts
}

const shmMount = (config: ContainerConfig, facts: SpecFacts): OciMount[] => {
  const destination = '/dev/shm'
  const mode = config.namespaces.ipc?.mode
  if (mode === 'none') return []
  const { readOnly, readOnlyTmpfs } = config.security
  const access = readOnly && !readOnlyTmpfs ? ['ro'] : []
  const source = mode === 'host' ? destination : facts.shmPath
  if (source)
    return [{ destination, type: 'bind', source, options: ['bind', 'rprivate', ...locked, ...access] }]
  const options = [...locked, 'mode=1777', `size=${config.shmSize}`, ...access]
  return [{ destination, type: 'tmpfs', source: 'shm', options }]
}

const cgroupAccess = (config: ContainerConfig): 'rw' | 'ro' => {
  const { privileged, unmask } = config.security
  const opened = unmask.some(
    (path) => path.toUpperCase() === 'ALL' || path.replace(/\/+$/, '') === '/sys/fs/cgroup',
  )
  return privileged || opened ? 'rw' : 'ro'
}

/** The control groups as the container sees them: its own, in each hierarchy. */
const cgroupMounts = (config: ContainerConfig, facts: SpecFacts): OciMount[] => {
  const destination = '/sys/fs/cgroup'
  const { version, hierarchies } = facts.host.cgroups
  const common = ['rprivate', ...locked, 'relatime']
  const access = cgroupAccess(config)
  if (version === 'none' || config.cgroups === 'disabled') return []
  if (version === 'v2')
    return canMountSys(config, facts)
      ? [{ destination, type: 'cgroup2', source: 'cgroup2', options: [...common, access] }]
      : [bindOf(destination, access)]
  const base: OciMount = {
    destination,
    type: 'tmpfs',
    source: 'cgroup',
    options: ['rprivate', ...locked, 'mode=755', access],
  }
  const own = hierarchies.map(
    ({ name, mount }): OciMount => ({
      destination: `${destination}/${name}`,
      type: 'bind',
      source: mount + facts.cgroupPath,
      options: ['bind', ...common, access],
    }),
  )
  return [base, ...own]
}

const fileMounts = (config: ContainerConfig, facts: SpecFacts): OciMount[] => {
  const { files } = facts
  const zone = config.timezone
  const localtime = zone && (zone === 'local' ? '/etc/localtime' : `/usr/share/zoneinfo/${zone}`)
  const places: [destination: string, source: string | undefined][] = [
    ['/etc/hosts', files.hosts],
    ['/etc/resolv.conf', files.resolvConf],
    ['/etc/hostname', files.hostname],
    ['/run/.containerenv', files.containerenv],
    ['/etc/passwd', files.passwd],
    ['/etc/group', files.group],
    ['/etc/localtime', localtime || undefined],
  ]
  const access = config.security.readOnly ? ['ro', ...locked] : []
  const mounts = places.flatMap(([destination, source]): OciMount[] =>
    source ? [{ destination, type: 'bind', source, options: ['bind', 'rprivate', ...access] }] : [],
  )
  return mounts
}

// Podman's own words among mount options; what they ask for is done elsewhere, or has no meaning here.
const ours = ['z', 'Z', 'U', 'copy', 'nocopy', 'tmpcopyup']

const userMount = (mount: MountConfig, facts: SpecFacts): OciMount | undefined => {
  const { type, destination } = mount
  const options = mount.options.filter((option) => !ours.includes(option))
  if (type === 'bind') return { destination, type, source: mount.source ?? destination, options }
  if (type === 'tmpfs' && mount.options.includes('U'))
    options.push(`uid=${facts.user.uid}`, `gid=${facts.user.gid}`)
  if (type !== 'volume') return { destination, type, source: type, options }
  const source = facts.volumePath?.(mount.source ?? '', destination)
  return source ? { destination, type: 'bind', source, options: [...options, 'rbind'] } : undefined
}

const sorted = (mounts: readonly OciMount[]): OciMount[] =>
  mounts
    .map((mount, index) => ({ mount, index, depth: depth(mount.destination) }))
    .sort((a, b) => a.depth - b.depth || a.index - b.index)
    .map(({ mount }) => mount)

/** All mounts of a container, outer ones first. What the user asked for stands in for what every container has. */
export const specMounts = (config: ContainerConfig, facts: SpecFacts): OciMount[] => {
  const user = facts.infra ? [] : config.mounts.flatMap((mount) => userMount(mount, facts) ?? [])
  const taken = new Set(user.map(({ destination }) => destination))
  const defaults = [
    procMount(config, facts),
    ...devMounts(config, facts),
    sysMount(config, facts),
    ...cgroupMounts(config, facts),
    ...shmMount(config, facts),
    ...fileMounts(config, facts),
  ].filter(
    ({ destination }) => !taken.has(destination) && !(taken.has('/dev') && destination.startsWith('/dev/')),
  )
  return sorted([...defaults, ...user])
}

/** Propagation of the root: as wide as that of the widest mount, else none. */
export const rootPropagation = (mounts: readonly OciMount[]): string => {
  const has = (...words: string[]) =>
    mounts.some(({ options }) => options.some((option) => words.includes(option)))
  if (has('shared', 'rshared')) return 'shared'
  return has('slave', 'rslave') ? 'rslave' : 'rprivate'
}
