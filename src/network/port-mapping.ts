import { TspodError } from '../errors'
import type { PortMapping } from '../state/types'
import { protocolsOf } from './publish'
import type { ExposedPort, PublishRequest } from './types'

/** Finds `range` free ports in a row on the host, for a mapping that names none; undefined where none was found. */
export type DrawPort = (mapping: PortMapping, isTaken: (port: number) => boolean) => number | undefined

const invalid = (message: string): TspodError => new TspodError('invalid', message)

const checkRange = (request: PublishRequest): void => {
  const last = request.range - 1
  if (request.containerPort === 0) throw invalid('container port number must be non-0')
  if (request.containerPort + last > 65535)
    throw invalid('container port range exceeds maximum allowable port number')
  if (request.hostPort + last > 65535) throw invalid('host port range exceeds maximum allowable port number')
}

const end = (start: number, { range }: PortMapping): number => start + range

/** Joins two mappings with given host ports where the second continues or repeats the first. */
const joinGiven = (first: PortMapping, second: PortMapping): PortMapping | undefined => {
  if (end(first.hostPort, first) < second.hostPort) return undefined
  const distance = second.hostPort - first.hostPort
  if (distance === second.containerPort - first.containerPort)
    return { ...first, range: Math.max(first.range, second.range + distance) }
  if (end(first.hostPort, first) > second.hostPort)
    throw invalid(`conflicting port mappings for host port ${second.hostPort} (protocol ${second.protocol})`)
  return undefined
}

/** Joins two mappings whose host ports are still to be drawn where their container ports overlap. */
const joinOpen = (first: PortMapping, second: PortMapping): PortMapping | undefined =>
  end(first.containerPort, first) > second.containerPort
    ? { ...first, range: Math.max(first.range, second.containerPort - first.containerPort + second.range) }
    : undefined

const joinAll = (
  sorted: PortMapping[],
  join: (first: PortMapping, second: PortMapping) => PortMapping | undefined,
): PortMapping[] => {
  const joined: PortMapping[] = []
  for (const mapping of sorted) {
    const previous = joined.at(-1)
    const both = previous && join(previous, mapping)
    if (both) joined[joined.length - 1] = both
    else joined.push(mapping)
  }
  return joined
}

const drawn = (mapping: PortMapping, taken: Set<number>, draw: DrawPort): PortMapping => {
  const hostPort = draw(mapping, (port) => taken.has(port))
  if (hostPort === undefined) {
    const range = mapping.range > 1 ? `with range ${mapping.range} ` : ''
    throw new TspodError(
      'in-use',
      `failed to find an open port to expose container port ${mapping.containerPort} ${range}on the host`,
    )
  }
  return { ...mapping, hostPort }
}

const claim = (mapping: PortMapping, taken: Set<number>): void => {
  for (let port = mapping.hostPort; port < end(mapping.hostPort, mapping); port++) taken.add(port)
}

const assignGroup = (group: PortMapping[], draw: DrawPort): PortMapping[] => {
  const byContainer = (a: PortMapping, b: PortMapping) => a.containerPort - b.containerPort
  const given = group
    .filter(({ hostPort }) => hostPort)
    .sort((a, b) => a.hostPort - b.hostPort || byContainer(a, b))
  const open = group.filter(({ hostPort }) => !hostPort).sort(byContainer)
  const taken = new Set<number>()
  const assigned = joinAll(given, joinGiven)
  for (const mapping of assigned) claim(mapping, taken)
  for (const mapping of joinAll(open, joinOpen)) {
    const complete = drawn(mapping, taken, draw)
    claim(complete, taken)
    assigned.push(complete)
  }
  return assigned
}

const publishes = (mappings: PortMapping[], { port, protocol }: ExposedPort): boolean =>
  mappings.some(
    (mapping) =>
      mapping.protocol === protocol &&
      mapping.containerPort <= port &&
      port < end(mapping.containerPort, mapping),
  )

/**
 * Checks, joins and sorts what was asked for, one protocol a mapping, and draws the missing host ports. `exposed` ports
 * that no mapping covers are published as well (`-P`).
 */
export const assignPortsWith = (
  requested: readonly PublishRequest[],
  exposed: readonly ExposedPort[],
  draw: DrawPort,
): PortMapping[] => {
  const groups = new Map<string, PortMapping[]>()
  for (const request of requested) {
    checkRange(request)
    for (const protocol of protocolsOf(request.protocol)) {
      const key = `${request.hostIp} ${protocol}`
      groups.set(key, [...(groups.get(key) ?? []), { ...request, protocol }])
    }
  }
  const assigned = [...groups.values()].flatMap((group) => assignGroup(group, draw))
  const taken = new Set<number>()
  for (const mapping of assigned) claim(mapping, taken)
  for (const { port, protocol } of exposed) {
    if (publishes(assigned, { port, protocol })) continue
    const mapping = drawn({ hostIp: '', hostPort: 0, containerPort: port, range: 1, protocol }, taken, draw)
    claim(mapping, taken)
    assigned.push(mapping)
  }
  return assigned
}
