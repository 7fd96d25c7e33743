import { TspodError } from '../errors'
import { formatIp, parseIp } from '../kernel/ip'
import type { PortMapping } from '../state/types'
import type { ExposedPort, PublishRequest } from './types'

const invalid = (message: string): TspodError => new TspodError('invalid', message)

const parsePort = (text: string): number => {
  if (!/^[+-]?\d+$/.test(text))
    throw invalid(`invalid port number: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`)
  const port = Number(text)
  if (port < 1 || port > 65535)
    throw invalid(`port numbers must be between 1 and 65535 (inclusive), got ${port}`)
  return port
}

interface PortRange {
  start: number
  length: number
}

const parseRange = (text: string): PortRange => {
  const [first, last, ...rest] = text.split('-')
  if (rest.length) throw invalid('invalid port format - port ranges are formatted as startPort-stopPort')
  if (!first) throw invalid('port numbers cannot be negative')
  const start = parsePort(first)
  if (last === undefined) return { start, length: 1 }
  if (last === '') throw invalid('must provide ending number for port range')
  const end = parsePort(last)
  if (end <= start)
    throw invalid(
      `the end port of a range must be higher than the start port - ${end} is not higher than ${start}`,
    )
  return { start, length: end - start + 1 }
}

const rangeOf = (which: 'container' | 'host', text: string): PortRange => {
  try {
    return parseRange(text)
  } catch (error) {
    throw invalid(`parsing ${which} port: ${(error as Error).message}`)
  }
}

interface Parts {
  hostIp?: string
  hostPort?: string
  containerPort: string
}

const splitBracketed = (text: string): { hostIp?: string; rest: string } => {
  const pieces = text.split(']')
  if (pieces.length === 1) return { rest: text }
  if (pieces.length > 2)
    throw invalid('invalid port format - at most one IPv6 address can be specified in a --publish')
  const [address = '', rest = ''] = pieces
  if (!address.startsWith('[')) throw invalid('invalid port format - IPv6 addresses must be enclosed by []')
  if (!rest.startsWith(':'))
    throw invalid("invalid port format - IPv6 address must be followed by a colon (':')")
  return { hostIp: address.slice(1), rest: rest.slice(1) }
}

const splitColons = (text: string): Parts => {
  const { hostIp, rest } = splitBracketed(text)
  const [a = '', b, c, ...more] = rest.split(':')
  if (more.length) throw invalid('invalid port format - format is [[hostIP:]hostPort:]containerPort')
  if (b === undefined) {
    if (hostIp !== undefined)
      throw invalid('invalid port format - must provide host and destination port if specifying an IP')
    return { containerPort: a }
  }
  if (c === undefined) return { hostIp, hostPort: a, containerPort: b }
  if (hostIp !== undefined)
    throw invalid('invalid port format - when v6 address specified, must be [ipv6]:hostPort:ctrPort')
  return { hostIp: a, hostPort: b, containerPort: c }
}

const hostAddress = (text: string | undefined): string => {
  if (text === undefined) return ''
  if (text === '') throw invalid('must provide a non-empty container host IP to publish')
  const ip = parseIp(text)
  if (!ip) throw invalid(`cannot parse ${JSON.stringify(text)} as an IP address`)
  return formatIp(ip)
}

const hostPortOf = (text: string | undefined, container: PortRange): number => {
  // Without a host port, a free one is drawn when the container is created.
  if (!text) return 0
  const host = rangeOf('host', text)
  if (host.length !== container.length)
    throw invalid(
      `host and container port ranges have different lengths: ${host.length} vs ${container.length}`,
    )
  return host.start
}

const parseOne = (spec: string): PublishRequest => {
  const [address = '', protocol, ...rest] = spec.split('/')
  if (rest.length) throw invalid('invalid port format - protocol can only be specified once')
  const { hostIp, hostPort, containerPort } = splitColons(address)
  if (containerPort === '') throw invalid('must provide a non-empty container port to publish')
  const container = rangeOf('container', containerPort)
  if (protocol === '') throw invalid('must provide a non-empty protocol to publish')
  return {
    hostIp: hostAddress(hostIp),
    hostPort: hostPortOf(hostPort, container),
    containerPort: container.start,
    range: container.length,
    protocol: protocol ?? 'tcp',
  }
}

/** `-p` values, `[[ip]:[hostPort[-end]]:]containerPort[-end][/protocol]`, with Podman's errors. */
export const parsePublish = (specs: readonly string[]): PublishRequest[] => specs.map(parseOne)

const PROTOCOLS = ['tcp', 'udp', 'sctp'] as const

/** The protocols that a comma-separated list names; an empty word is TCP. */
export const protocolsOf = (list: string): PortMapping['protocol'][] => {
  const named = list.split(',').map((word) => {
    const protocol = PROTOCOLS.find((known) => known === (word.toLowerCase() || 'tcp'))
    if (!protocol)
      throw invalid(`unrecognized protocol ${JSON.stringify(word.toLowerCase())} in port mapping`)
    return protocol
  })
  return PROTOCOLS.filter((protocol) => named.includes(protocol))
}

/** `--expose` values and the ExposedPorts keys of an image: `80`, `80/udp`, `8000-8010/tcp`. */
export const parseExposed = (specs: readonly string[]): ExposedPort[] => {
  const found = new Map<string, ExposedPort>()
  for (const spec of specs) {
    const [ports = '', protocol = 'tcp', ...rest] = spec.split('/')
    if (rest.length) throw invalid('invalid expose format - protocol can only be specified once')
    const { start, length } = parseRange(ports)
    for (const name of protocolsOf(protocol)) {
      for (let port = start; port < start + length; port++)
        found.set(`${port}/${name}`, { port, protocol: name })
    }
  }
  return [...found.values()]
}
