import { TspodError } from '../errors'
import type { Kernel } from '../kernel'
import { Errno, errnoName, errnoText } from '../kernel/errno'
import { readText } from '../state/files'
import type { PortMapping } from '../state/types'
import { findHolder } from './holder'
import { assignPortsWith, type DrawPort } from './port-mapping'
import { allRecords, type SetUpRecord } from './records'
import { listenOn } from './relay/listen'
import type { ExposedPort, NetworkHome, PublishRequest } from './types'

const portText = ({ hostIp, protocol }: PortMapping, port: number): string =>
  `${hostIp.includes(':') ? `[${hostIp}]` : hostIp || '0.0.0.0'}:${port}/${protocol}`

const covers = (mapping: PortMapping, other: PortMapping, port: number): boolean =>
  mapping.protocol === other.protocol &&
  mapping.hostPort <= port &&
  port < mapping.hostPort + mapping.range &&
  (mapping.hostIp === other.hostIp ||
    [mapping.hostIp, other.hostIp].some((ip) => ip === '' || ip === '0.0.0.0'))

const holderText = (records: readonly SetUpRecord[], mapping: PortMapping, port: number): string => {
  const record = records.find(({ ports }) => ports.some((other) => covers(other, mapping, port)))
  if (record) return ` (held by container ${record.ownerName})`
  const process = mapping.protocol === 'sctp' ? undefined : findHolder(port, mapping.protocol)
  return process ? ` (held by process ${process.pid}, ${process.name})` : ''
}

const SYSCTL = 'net.ipv4.ip_unprivileged_port_start'

/** Podman's words for a port that an ordinary user may not have. */
const privileged = (text: string, port: number, context: TspodError['context']): TspodError => {
  const start = readText(`/proc/sys/${SYSCTL.replaceAll('.', '/')}`)?.trim() ?? '1024'
  const choice = `choose a larger port number (>= ${start})`
  return new TspodError(
    'denied',
    `cannot expose privileged port ${port}, you can add '${SYSCTL}=${port}' to /etc/sysctl.conf (currently ${start}), ` +
      `or ${choice}: publish ${text}: permission denied`,
    context,
  )
}

const busy = (
  records: readonly SetUpRecord[],
  mapping: PortMapping,
  port: number,
  errno: number,
): TspodError => {
  const text = portText(mapping, port)
  const context = { call: 'bind', errno: errnoName(errno), object: text }
  if (errno === Errno.EACCES) return privileged(text, port, context)
  if (errno !== Errno.EADDRINUSE)
    return new TspodError('system', `cannot publish ${text}: ${errnoText(errno)}`, context)
  const holder = holderText(records, mapping, port)
  return new TspodError(
    'in-use',
    `cannot publish ${text}: address already in use${holder}: choose another host port or stop it`,
    context,
  )
}

const probeOne = (kernel: Kernel, mapping: PortMapping, port: number): number => {
  // The relay has no SCTP, and Podman does not reserve such ports either.
  if (mapping.protocol === 'sctp') return 0
  const socket = listenOn(kernel, mapping.protocol, mapping.hostIp, port)
  if (socket < 0) return -socket
  kernel.close(socket)
  return 0
}

/** Throws where a port of the host is taken, naming it and who holds it. `owner`'s own record does not count. */
export const probePorts = (home: NetworkHome, ports: readonly PortMapping[], owner?: string): void => {
  if (ports.length === 0) return
  const records = allRecords(home).filter((record) => record.owner !== owner)
  for (const mapping of ports) {
    for (let port = mapping.hostPort; port < mapping.hostPort + mapping.range; port++) {
      const isOurs = records.some((record) => record.ports.some((other) => covers(other, mapping, port)))
      const errno = isOurs ? Errno.EADDRINUSE : probeOne(home.kernel, mapping, port)
      if (errno) throw busy(records, mapping, port, errno)
    }
  }
}

const ATTEMPTS = 15

const freePort = (kernel: Kernel, { protocol, hostIp }: PortMapping): number | undefined => {
  const socket = listenOn(kernel, protocol === 'udp' ? 'udp' : 'tcp', hostIp, 0)
  if (socket < 0) return undefined
  try {
    return kernel.socketAddress(socket).port
  } finally {
    kernel.close(socket)
  }
}

const isFree = (kernel: Kernel, mapping: PortMapping, port: number): boolean => {
  const errno = probeOne(kernel, mapping, port)
  return errno === 0
}

/** Draws free ports by letting the kernel choose one and looking at those that follow. */
const drawFrom =
  (kernel: Kernel): DrawPort =>
  (mapping, isTaken) => {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const port = freePort(kernel, mapping)
      if (port === undefined || port + mapping.range - 1 > 65535) continue
      const rest = Array.from({ length: mapping.range }, (_, step) => port + step)
      if (rest.every((one) => !isTaken(one) && isFree(kernel, mapping, one))) return port
    }
    return undefined
  }

/**
 * Checks, joins and sorts the ports to publish, and draws free host ports for those that name none. With `exposed`
 * (`-P`), ports that no mapping covers are published as well.
 */
export const assignPorts = (
  kernel: Kernel,
  requested: readonly PublishRequest[],
  exposed: readonly ExposedPort[] = [],
): PortMapping[] => assignPortsWith(requested, exposed, drawFrom(kernel))
