import { posix } from 'node:path'
import type { DeviceConfig } from '../state/types'
import type { HostFacts } from './context-types'
import { invalid, unsupported } from './refusal'
import type { OciDevice, OciDeviceRule } from './types'

const isPermissions = (text: string) => /^[rwm]{1,3}$/.test(text) && new Set(text).size === text.length

/** One `--device` value: `HOST[:CONTAINER][:PERMISSIONS]`. */
const parse = (text: string): DeviceConfig => {
  const [hostPath = '', second, third, ...rest] = text.split(':')
  if (rest.length > 0 || hostPath === '') throw invalid(`invalid device specification: ${text}`)
  if (third === '') throw invalid(`empty device mode in device specification: ${text}`)
  if (third !== undefined && !isPermissions(third))
    throw invalid(`invalid device mode "${third}" in device "${text}"`)
  const secondIsMode = second !== undefined && isPermissions(second)
  if (second && !secondIsMode && !second.startsWith('/'))
    throw invalid(`invalid device mode "${second}" in device "${text}"`)
  const containerPath = second && !secondIsMode ? posix.normalize(second) : hostPath
  const permissions = third ?? (secondIsMode ? second : 'rwm')
  return { hostPath, containerPath, permissions }
}

/** `--device` values, checked against the host. */
export const parseDevices = (texts: readonly string[], host: HostFacts): DeviceConfig[] =>
  texts.map((text) => {
    if (/^[\w.-]+\/[\w.-]+=/.test(text)) throw unsupported(`the CDI device ${text}`)
    const device = parse(text)
    const kind = host.pathKind(device.hostPath)
    if (!kind) throw invalid(`stat ${device.hostPath}: no such file or directory`, device.hostPath)
    if (host.devices(device.hostPath).length === 0)
      throw invalid(
        kind === 'directory'
          ? `no devices found in ${text}: invalid argument`
          : `${device.hostPath} is not a valid device: not a device node`,
      )
    return device
  })

/** The devices of the host that a `--device` stands for, with their places inside. */
export const devicesOf = (config: DeviceConfig, host: HostFacts): OciDevice[] =>
  host.devices(config.hostPath).map((device) => ({
    ...device,
    path: config.containerPath + device.path.slice(config.hostPath.length),
  }))

const character = (path: string, major: number, minor: number): OciDevice => ({
  path,
  type: 'c',
  major,
  minor,
  fileMode: 0o666,
  uid: 0,
  gid: 0,
})

/** Devices that every container has. */
export const defaultDevices: readonly OciDevice[] = [
  character('/dev/null', 1, 3),
  character('/dev/zero', 1, 5),
  character('/dev/full', 1, 7),
  character('/dev/random', 1, 8),
  character('/dev/urandom', 1, 9),
  character('/dev/tty', 5, 0),
]

const rule = (type: 'c' | 'b', major: number, minor: number, access: string): OciDeviceRule => ({
  allow: true,
  type,
  major,
  minor,
  access,
})

/** Everything is forbidden but making nodes, the devices above, the console and pseudo-terminals. */
export const defaultDeviceRules: readonly OciDeviceRule[] = [
  { allow: false, type: 'a', major: -1, minor: -1, access: 'rwm' },
  rule('c', -1, -1, 'm'),
  rule('b', -1, -1, 'm'),
  ...defaultDevices.map(({ major, minor }) => rule('c', major, minor, 'rwm')),
  rule('c', 5, 1, 'rwm'),
  rule('c', 5, 2, 'rwm'),
  rule('c', 136, -1, 'rwm'),
]

export const deviceRule = (device: OciDevice, access: string): OciDeviceRule =>
  rule(device.type === 'b' ? 'b' : 'c', device.major, device.minor, access)

export const allDevicesRule: OciDeviceRule = { allow: true, type: 'a', major: -1, minor: -1, access: 'rwm' }

// The container's own pseudo-terminals, queues and memory are no devices of the host.
const ownFolders = ['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts']

/** Every device of the host, for a privileged container. */
export const privilegedDevices = (host: HostFacts): OciDevice[] =>
  host
    .devices('/dev')
    .filter(({ path }) => path !== '/dev/console' && path !== '/dev/ptmx')
    .filter(({ path }) => !ownFolders.includes(path.split('/')[2] ?? '') || path.split('/').length === 3)
