import type { ContainerConfig, NetworkConfig } from '../state/types'
import { createCommand } from './command'
import type { CreateContext } from './context-types'
import { parseDevices } from './devices'
import { createEnvironment } from './environment'
import { ramInBytes } from './go-numbers'
import { parseAnnotations, parseLabels } from './labels'
import { createLog } from './log'
import { createMounts } from './mounts'
import { type NamespacePlan, planNamespaces } from './namespaces'
import { invalid, quoted, unsupported, words } from './refusal'
import { createResources, defaultPidsLimit } from './resources'
import { checkRestart, parseRestart } from './restart'
import { createSecurity } from './security'
import { parseSignal } from './signals'
import { checkSysctls, parseSysctls } from './sysctls'
import type { CreateOptions } from './types'
import { parseUlimits } from './ulimits'

const defaults = {
  // 65536k as Podman reads it, in thousands
  shmSize: 65_536_000,
  stopTimeout: 10,
  umask: '0022',
  cgroupParent: '/tspod',
} as const

// Podman's prefix for what it finds out late.
const creating = 'running container create option'

export const emptyNetwork = (): NetworkConfig => ({
  ports: [],
  exposed: [],
  publishAll: false,
  networks: [],
  aliases: [],
  dnsServers: [],
  dnsSearch: [],
  dnsOptions: [],
  addHosts: [],
  noHosts: false,
  noHostname: false,
})

/** The first 12 digits of its id, unless the name is given, or another's by a shared namespace. */
const chooseHostname = (options: CreateOptions, context: CreateContext, plan: NamespacePlan): string => {
  const { uts, net } = plan.modes
  if (uts?.mode === 'pod') return context.pod?.record.hostname ?? ''
  if (uts?.mode === 'container') return context.lookupContainer(uts.value ?? '').config.hostname
  const name = options.hostname ?? ''
  if (Buffer.byteLength(name) > 64) throw invalid(`hostname ${quoted(name)} is longer than 64 bytes`)
  if (name) return name
  const host = uts?.mode === 'host' || uts?.mode === 'path' || net?.mode === 'host'
  return host ? context.host.hostname : context.id.slice(0, 12)
}

const networkOf = (context: CreateContext, plan: NamespacePlan): NetworkConfig => {
  const network = context.network ?? emptyNetwork()
  const mode = plan.modes.net?.mode
  if (mode === 'bridge' || network.ports.length === 0) return network
  context.warn?.(
    `Port mappings have been discarded because "${mode}" network namespace mode does not support them`,
  )
  return { ...network, ports: [] }
}

const streams = ['stdin', 'stdout', 'stderr'] as const

const parseAttach = (names: readonly string[]): ContainerConfig['attach'] =>
  names.map((name) => {
    const stream = streams.find((one) => one === name.toLowerCase())
    if (!stream)
      throw invalid(
        `invalid stream ${quoted(name)} for --attach - must be one of stdin, stdout, or stderr: ${words.invalidArgument}`,
      )
    return stream
  })

const parseShmSize = (text: string | undefined, fallback?: number): number => {
  if (!text) return fallback ?? defaults.shmSize
  try {
    return ramInBytes(text)
  } catch (error) {
    throw invalid(`unable to translate --shm-size: ${(error as Error).message}`)
  }
}

const parseUmask = (text: string | undefined): string => {
  if (!text) return defaults.umask
  if (!/^[0-7]{1,4}$/.test(text))
    throw invalid(`${creating}: invalid umask string ${text}: ${words.invalidArgument}`)
  return text
}

const parseZone = (zone: string | undefined, context: CreateContext): string => {
  if (!zone || zone === 'local') return zone ?? ''
  if (zone.startsWith('/') || zone.split('/').includes('..'))
    throw invalid(`${creating}: finding timezone: time: invalid location name`)
  if (context.host.pathKind(`/usr/share/zoneinfo/${zone}`) !== 'file')
    throw invalid(`${creating}: finding timezone: unknown time zone ${zone}`)
  return zone
}

const parseGroups = (groups: readonly string[]): string[] => {
  if (!groups.includes('keep-groups')) return [...groups]
  if (groups.length > 1)
    throw invalid("the '--group-add keep-groups' option is not allowed with any other --group-add options")
  throw unsupported('--group-add keep-groups')
}

const cgroupModes = ['enabled', 'disabled', 'no-conmon'] as const

const parseCgroups = (options: CreateOptions, plan: NamespacePlan): Pick<ContainerConfig, 'cgroups'> => {
  const text = options.cgroups || 'enabled'
  if (text === 'split') throw unsupported('--cgroups split')
  const cgroups = cgroupModes.find((mode) => mode === text)
  if (!cgroups) throw invalid(`${creating}: invalid cgroup mode ${quoted(text)}: ${words.invalidArgument}`)
  if (cgroups === 'disabled') checkWithoutCgroup(options, plan)
  return { cgroups }
}

const checkWithoutCgroup = (options: CreateOptions, plan: NamespacePlan): void => {
  const pid = plan.modes.pid?.mode
  if (pid === 'pod' || pid === 'container')
    throw invalid(
      `cannot join another container's PID namespace if not creating cgroups: ${words.invalidArgument}`,
    )
  if (options.cgroupParent)
    throw invalid(`cannot set cgroup parent if not creating cgroups: ${words.invalidArgument}`)
  if (pid !== 'private')
    throw invalid(
      `containers not creating Cgroups must create a private PID namespace: ${words.invalidArgument}`,
    )
}

/** Where cgroups are made; always below the root, never above. */
export const cgroupParentPath = (text: string): string => {
  if (text.endsWith('.slice'))
    throw invalid(`systemd slice received as cgroup parent when using cgroupfs: ${words.invalidArgument}`)
  const parts = text.split('/').filter((part) => part !== '' && part !== '.')
  if (parts.includes('..') || parts.length === 0) throw invalid(`invalid cgroup parent ${quoted(text)}`)
  return `/${parts.join('/')}`
}

export const defaultCgroupParent: string = defaults.cgroupParent

const chooseParent = (options: CreateOptions, context: CreateContext): string => {
  if (options.cgroupParent) return cgroupParentPath(options.cgroupParent)
  return context.pod?.record.cgroupPath || defaults.cgroupParent
}

const chooseRestart = (options: CreateOptions, context: CreateContext): ContainerConfig['restart'] => {
  checkRestart(options.restart, options.rm)
  if (options.restart) return parseRestart(options.restart, `${creating}: `)
  const pod = options.rm ? undefined : context.pod?.record.restart
  return pod ? { ...pod } : { name: 'no', maximumRetries: 0 }
}

const checkInit = (options: CreateOptions, plan: NamespacePlan): void => {
  if (options.init && plan.modes.pid?.mode !== 'private')
    throw invalid("cannot add init binary as PID 1 (PID namespace isn't private)")
}

const sandboxAnnotation = (context: CreateContext): Record<string, string> =>
  context.pod ? { 'io.kubernetes.cri-o.SandboxID': context.pod.infra?.id ?? context.pod.id } : {}

const identity = (options: CreateOptions, context: CreateContext, plan: NamespacePlan) => {
  const image = context.image?.config
  const workdir = options.workdir || image?.WorkingDir || '/'
  return {
    ...createCommand(options, image),
    env: createEnvironment(options, image?.Env),
    workdir: workdir.startsWith('/') ? workdir : `/${workdir}`,
    createWorkdir: !options.workdir,
    user: options.user || plan.defaultUser || image?.User || '',
    groups: parseGroups(options.groupAdd ?? []),
    hostname: chooseHostname(options, context, plan),
    labels: { ...image?.Labels, ...parseLabels(options.label ?? []) },
    annotations: { ...sandboxAnnotation(context), ...parseAnnotations(options.annotation ?? []) },
  }
}

const lifecycle = (options: CreateOptions, context: CreateContext) => ({
  stopSignal: parseSignal(options.stopSignal || context.image?.config.StopSignal || 'SIGTERM'),
  stopTimeout: options.stopTimeout ?? defaults.stopTimeout,
  restart: chooseRestart(options, context),
  autoRemove: options.rm ?? false,
  timeout: options.timeout ?? 0,
  log: createLog(options.logDriver, options.logOpt ?? []),
  createCommand: [...(options.createCommand ?? [])],
  requires: (options.requires ?? []).map((name) => context.lookupContainer(name).id),
})

const limits = (options: CreateOptions, context: CreateContext, plan: NamespacePlan) => {
  const resources = createResources(options, context.host)
  const { cgroups } = parseCgroups(options, plan)
  if (cgroups !== 'disabled') resources.pidsLimit ??= defaultPidsLimit
  return {
    resources,
    cgroups,
    cgroupParent: chooseParent(options, context),
    ulimits: parseUlimits(options.ulimit ?? []),
    umask: parseUmask(options.umask),
    oomScoreAdj: options.oomScoreAdj,
  }
}

const files = (options: CreateOptions, context: CreateContext) => {
  const infra = context.pod?.infra?.config
  const devices = parseDevices(options.device ?? [], context.host)
  return {
    mounts: createMounts(options, context),
    devices: devices.length === 0 && infra ? [...infra.devices] : devices,
    shmSize: parseShmSize(options.shmSize, infra?.shmSize),
    init: options.init ?? false,
    timezone: parseZone(options.tz, context),
  }
}

/** Reads a container's options, with Podman's rules, defaults and error words. */
export const createContainerConfig = (options: CreateOptions, context: CreateContext): ContainerConfig => {
  const plan = planNamespaces(options, context)
  const sysctls = parseSysctls(options.sysctl ?? [])
  checkSysctls(sysctls, plan.modes)
  checkInit(options, plan)
  return {
    ...identity(options, context, plan),
    tty: options.tty ?? false,
    stdin: options.interactive ?? false,
    attach: parseAttach(options.attach ?? []),
    namespaces: plan.modes,
    uidMappings: plan.uidMappings,
    gidMappings: plan.gidMappings,
    ...files(options, context),
    security: createSecurity(options, context),
    sysctls,
    ...limits(options, context, plan),
    network: networkOf(context, plan),
    ...lifecycle(options, context),
  }
}
