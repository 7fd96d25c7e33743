import type { IdMapping, NamespaceMode, NamespaceModes } from '../state/types'
import type { CreateContext, OtherContainer, SharedKind } from './context-types'
import { invalid, unsupported, withPrefix, words } from './refusal'
import type { CreateOptions } from './types'
import { autoNamespace, keepIdNamespace, mappedNamespace, nomapNamespace } from './user-namespace'

/** `--pid`, `--uts`, `--cgroupns` and the part of the others that all have. */
const parseMode = (text: string): NamespaceMode => {
  if (text === 'pod' || text === 'host' || text === 'private') return { mode: text }
  if (text.startsWith('ns:')) return { mode: 'path', value: needed(text.slice(3), 'path') }
  if (text.startsWith('container:')) return { mode: 'container', value: needed(text.slice(10), 'container') }
  throw invalid(`unrecognized namespace mode ${text} passed`)
}

const needed = (value: string, mode: string): string => {
  if (value === '') throw invalid(`invalid config provided: namespace mode ${mode} requires a value`)
  return value
}

const parseIpc = (text: string): NamespaceMode =>
  text === 'shareable' || text === 'none' ? { mode: text } : parseMode(text)

/** A kind's mode where no option sets it: the pod's if the pod shares it, else Podman's default. */
const defaultMode = (kind: SharedKind, context: CreateContext): NamespaceMode => {
  const infra = context.pod?.infra
  if (infra && context.pod?.record.shared.includes(kind)) {
    const mode = infra.config.namespaces[kind]?.mode ?? 'host'
    return { mode: mode === 'host' ? 'host' : 'pod' }
  }
  // Podman leaves the cgroup namespace of v1 alone: the paths there are the host's anyway.
  const cgroup = context.host.cgroups.version === 'v2' ? 'private' : 'host'
  const defaults = {
    pid: 'private',
    ipc: 'shareable',
    uts: 'private',
    net: 'bridge',
    user: 'host',
    cgroup,
  } as const
  return { mode: defaults[kind] }
}

/** The container that `container:X` names. */
const lookup = (kind: SharedKind, name: string, context: CreateContext): OtherContainer =>
  withPrefix(`looking up container to share ${kind} namespace with`, () => context.lookupContainer(name))

const pathNames: Record<SharedKind, string> = {
  pid: 'PID',
  ipc: 'IPC',
  uts: 'UTS',
  user: 'user',
  cgroup: 'cgroup',
  net: 'network',
}

/** Checks what a mode refers to, and puts ids in place of names. */
const resolve = (kind: SharedKind, mode: NamespaceMode, context: CreateContext): NamespaceMode => {
  const value = mode.value ?? ''
  if (mode.mode === 'path' && !context.host.pathKind(value))
    throw invalid(
      `cannot find specified ${pathNames[kind]} namespace path: faccessat ${value}: no such file or directory`,
      value,
    )
  if (mode.mode === 'container') {
    const other = lookup(kind, value, context)
    if (kind === 'ipc' && other.config.namespaces.ipc?.mode === 'private')
      throw invalid(
        `joining IPC of container ${other.id} is not allowed: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
        other.id,
      )
    return { mode: 'container', value: other.id }
  }
  if (mode.mode !== 'pod') return mode
  const infra = context.pod?.infra
  if (!infra)
    throw invalid(
      `cannot use pod namespace as container is not joining a pod or pod has no infra container: ${words.invalidArgument}`,
    )
  return { mode: (infra.config.namespaces[kind]?.mode ?? 'host') === 'host' ? 'host' : 'pod' }
}

interface UserModes {
  user: NamespaceMode
  uidMappings: IdMapping[]
  gidMappings: IdMapping[]
  /** The user that the mode brings along. */
  defaultUser?: string
}

const unmapped = (user: NamespaceMode): UserModes => ({ user, uidMappings: [], gidMappings: [] })

const parseUser = (options: CreateOptions, context: CreateContext): UserModes => {
  const maps = (options.uidmap?.length ?? 0) + (options.gidmap?.length ?? 0) > 0
  const text = options.userns ?? ''
  if (maps && text !== '')
    throw invalid('--userns and --uidmap/--gidmap/--subuidname/--subgidname are mutually exclusive')
  const [word = '', rest = ''] = /^(auto|keep-id):(.*)$/s.exec(text)?.slice(1) ?? [text]
  if (maps || word === 'private') {
    const { mode, ...made } = mappedNamespace(options, context.host)
    return { user: mode, ...made }
  }
  if (word === 'auto') {
    const { mode, ...made } = autoNamespace(rest, context)
    return { user: mode, ...made }
  }
  if (word === 'keep-id') {
    const { mode, ...made } = keepIdNamespace(rest, context.host)
    return { user: mode, ...made }
  }
  if (word === 'nomap') {
    const { mode, ...made } = nomapNamespace(context.host)
    return { user: mode, ...made }
  }
  return unmapped(text === '' ? defaultMode('user', context) : parseMode(text))
}

const checkUserInPod = (options: CreateOptions, context: CreateContext): void => {
  if (!context.pod?.infra) return
  const maps = (options.uidmap?.length ?? 0) + (options.gidmap?.length ?? 0) > 0
  const text = options.userns ?? ''
  const joins = text === '' || text === 'host' || text === 'pod' || text.startsWith('container:')
  if (maps || !joins)
    throw invalid(
      `cannot set user namespace mode when joining pod with infra container: ${words.invalidArgument}`,
    )
}

/** The maps of the namespace that is joined are the joining container's too: its root's files are shifted by them. */
const userModes = (options: CreateOptions, context: CreateContext): UserModes => {
  checkUserInPod(options, context)
  const modes = parseUser(options, context)
  const user = resolve('user', modes.user, context)
  const source =
    user.mode === 'pod'
      ? context.pod?.infra?.config
      : user.mode === 'container'
        ? context.lookupContainer(user.value ?? '').config
        : undefined
  if (!source) return { ...modes, user }
  const { uidMappings, gidMappings, user: defaultUser } = source
  return { user, uidMappings, gidMappings, defaultUser: user.mode === 'pod' ? defaultUser : undefined }
}

export interface NamespacePlan extends Omit<UserModes, 'user'> {
  modes: NamespaceModes
}

/** How a container stands to each kind of namespace, and the maps of its user namespace. */
export const planNamespaces = (options: CreateOptions, context: CreateContext): NamespacePlan => {
  const read = (kind: SharedKind, text: string | undefined, parse = parseMode): NamespaceMode =>
    text === undefined || text === '' ? defaultMode(kind, context) : parse(text)
  const network = context.networkMode ?? defaultMode('net', context)
  const wanted = {
    pid: read('pid', options.pid),
    ipc: read('ipc', options.ipc, parseIpc),
    uts: read('uts', options.uts),
    cgroup: read('cgroup', options.cgroupns),
    net: network.mode === 'private' ? ({ mode: 'bridge' } as const) : network,
  }
  checkConflicts(options, wanted, context)
  const { user, ...maps } = userModes(options, context)
  const modes: NamespaceModes = { user }
  for (const kind of ['pid', 'ipc', 'uts', 'cgroup', 'net'] as const)
    modes[kind] = resolve(kind, wanted[kind], context)
  if (maps.uidMappings.length > 0 && user.mode === 'host')
    throw unsupported('mapping ids in the host user namespace')
  return { modes, ...maps }
}

const conflict = (message: string) => invalid(`invalid config provided: ${message}`)

const checkPodNetwork = (context: CreateContext): void => {
  const network = context.network
  if (!network) return
  const fromPod = (what: string) => conflict(`${what}: ${words.podNetwork}`)
  if (network.networks.length > 0) throw fromPod('networks must be defined when the pod is created')
  if (network.ports.length > 0 || network.publishAll)
    throw fromPod('published or exposed ports must be defined when the pod is created')
  if (network.addHosts.length > 0) throw fromPod('extra host entries must be specified on the pod')
}

const checkConflicts = (
  options: CreateOptions,
  wanted: Record<Exclude<SharedKind, 'user'>, NamespaceMode>,
  context: CreateContext,
): void => {
  const { net, uts, ipc } = wanted
  const network = context.network
  if (net.mode === 'pod') checkPodNetwork(context)
  if (net.mode === 'container' && network?.addHosts.length)
    throw conflict(
      `cannot set extra host entries when the container is joined to another containers network namespace: ${words.invalidConfiguration}`,
    )
  if (options.hostname && uts.mode !== 'private')
    throw conflict(
      uts.mode === 'pod'
        ? `cannot set hostname when joining the pod UTS namespace: ${words.invalidConfiguration}`
        : `cannot set hostname when running in the host UTS namespace: ${words.invalidConfiguration}`,
    )
  if (options.shmSize && (ipc.mode === 'host' || ipc.mode === 'none'))
    throw conflict(`cannot set shmsize when running in the ${ipc.mode} IPC Namespace`)
  if (network?.noHosts && network.addHosts.length > 0)
    throw invalid('--no-hosts and --add-host cannot be set together')
  const pinned = network && (network.networks.length > 0 || network.staticIp || network.staticMac)
  if (pinned && net.mode !== 'bridge')
    throw conflict('networks and static ip/mac address can only be used with Bridge mode networking')
}
