import type { ContainerConfig, SecurityConfig } from '../state/types'
import { defaultCapabilities, mergeCapabilities, normalizeCapabilities } from './capabilities'
import type { HostFacts, ResolvedUser, SpecFacts } from './context-types'
import {
  allDevicesRule,
  defaultDeviceRules,
  defaultDevices,
  deviceRule,
  devicesOf,
  privilegedDevices,
} from './devices'
import { matches } from './paths'
import type { OciDevice, OciDeviceRule, OciProcess } from './types'

type Capabilities = OciProcess['capabilities']

/** The label with which an image says that it can do with fewer capabilities. */
const label = 'io.containers.capabilities'

const allowed = (config: ContainerConfig, ours: readonly string[]): string[] => {
  const { privileged, capAdd, capDrop } = config.security
  if (privileged) return [...ours]
  const wanted = mergeCapabilities(defaultCapabilities, capAdd, capDrop, ours)
  const merged = wanted.filter((name) => ours.includes(name))
  const wish = config.labels[label]
  if (wish === undefined) return merged
  if (wish === '') return []
  const required = normalizeCapabilities(wish.split(','))
  return required.every((name) => merged.includes(name)) ? required : merged
}

/** Capability sets of a process of `user`. Others than root have only what was added by name, and keep it over execve. */
export const specCapabilities = (
  config: ContainerConfig,
  host: HostFacts,
  user: Pick<ResolvedUser, 'uid'>,
): Capabilities => {
  const ours = host.capabilities
  const bounding = allowed(config, ours)
  if (user.uid === 0)
    return { bounding, effective: bounding, permitted: bounding, inheritable: [], ambient: [] }
  const added = mergeCapabilities([], config.security.capAdd, [], ours).filter((name) =>
    bounding.includes(name),
  )
  return { bounding, effective: added, permitted: added, inheritable: added, ambient: added }
}

// Each of these tells or changes something of the host.
const masked = [
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
  '/sys/fs/selinux',
]

const readOnly = ['/proc/asound', '/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/** Counters of each processor's heat, which tell of the work of neighbours. */
const throttleCounters = (host: HostFacts): string[] => {
  const path = (cpu: number) => `/sys/devices/system/cpu/cpu${cpu}/thermal_throttle`
  if (!host.pathKind(path(0))) return []
  return Array.from({ length: host.processors }, (_, cpu) => path(cpu))
}

const isUnmasked = (path: string, unmask: readonly string[]): boolean =>
  unmask.some((pattern) => pattern.toLowerCase() === 'all' || matches(pattern, path))

/** Paths to hide and to make read-only. */
export const protectedPaths = (
  security: SecurityConfig,
  host: HostFacts,
): { maskedPaths: string[]; readonlyPaths: string[] } => {
  const asked = security.mask.filter((path) => path.startsWith('/'))
  if (security.privileged) return { maskedPaths: asked, readonlyPaths: [] }
  const kept = (paths: readonly string[]) => paths.filter((path) => !isUnmasked(path, security.unmask))
  const maskedPaths = kept([...masked, ...throttleCounters(host)])
  return { maskedPaths: [...new Set([...maskedPaths, ...asked])], readonlyPaths: kept(readOnly) }
}

const requestedDevices = (config: ContainerConfig, host: HostFacts) =>
  config.devices.flatMap((device) =>
    devicesOf(device, host).map((node) => ({ node, access: device.permissions })),
  )

/** Devices that are made inside, and those that may be used. */
export const specDevices = (
  config: ContainerConfig,
  facts: SpecFacts,
): { devices: OciDevice[]; rules: OciDeviceRule[] } => {
  const asked = facts.infra ? [] : requestedDevices(config, facts.host)
  const { privileged } = config.security
  const nodes = [
    ...defaultDevices,
    ...(privileged ? privilegedDevices(facts.host) : []),
    ...asked.map(({ node }) => node),
  ]
  const rules = privileged
    ? [allDevicesRule]
    : [
        ...defaultDeviceRules,
        ...asked.filter(({ node }) => node.type !== 'p').map(({ node, access }) => deviceRule(node, access)),
      ]
  return { devices: [...new Map(nodes.map((node) => [node.path, node])).values()], rules }
}
