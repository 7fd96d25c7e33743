import { TspodError } from '../errors'
import { formatIp, parseIp } from '../kernel/ip'

const HOST_FILE = '/etc/resolv.conf'
/** Files with the real servers behind a resolver on loopback: systemd-resolved's and NetworkManager's. */
const BEHIND_STUB: Record<string, string> = {
  '127.0.0.53': '/run/systemd/resolve/resolv.conf',
  '127.0.0.1': '/run/NetworkManager/no-stub-resolv.conf',
}
/** Podman's choice where the host names no server that a container could reach. */
const FALLBACK_V4 = ['8.8.8.8', '8.8.4.4']
const FALLBACK_V6 = ['2001:4860:4860::8888', '2001:4860:4860::8844']

interface ResolvConfRequest {
  /** The container uses the host's network, so nothing is filtered. */
  hostNetwork: boolean
  /** The container has an IPv6 address. */
  ipv6?: boolean
  servers?: readonly string[]
  search?: readonly string[]
  options?: readonly string[]
  /** Path of the pinned namespace: `ip netns` keeps files for it under /etc/netns. */
  namespace?: string
}

const words = (text: string, keyword: string): string[][] =>
  text.split('\n').flatMap((row) => {
    const [first, ...rest] = row.split('#')[0]!.trim().split(/\s+/)
    return first === keyword ? [rest] : []
  })

const serversOf = (text: string): string[] =>
  words(text, 'nameserver').flatMap(([server, ...rest]) => (server && !rest.length ? [server] : []))

const lastOf = (text: string, keyword: string): string[] => words(text, keyword).at(-1) ?? []

const isReachable = (server: string, ipv6: boolean): boolean => {
  if (server.startsWith('127.') || server === '::1') return false
  if (!server.includes(':')) return true
  // The zone of a link-local address never fits the name of the container's card.
  return ipv6 && !server.includes('%')
}

const reachableServers = (text: string, ipv6: boolean): string[] => {
  const servers = serversOf(text).filter((server) => isReachable(server, ipv6))
  if (servers.length) return servers
  return ipv6 ? [...FALLBACK_V4, ...FALLBACK_V6] : FALLBACK_V4
}

/** The host's text, or what stands behind its stub resolver. */
const sourceText = (request: ResolvConfRequest, read: (path: string) => string | undefined): string => {
  const name = request.namespace?.split('/').at(-1)
  const own =
    name && !request.namespace?.startsWith('/proc/') ? read(`/etc/netns/${name}/resolv.conf`) : undefined
  const text = own ?? read(HOST_FILE) ?? ''
  if (request.hostNetwork) return text
  const servers = serversOf(text)
  const behind = servers.length === 1 ? BEHIND_STUB[servers[0]!] : undefined
  return (behind && read(behind)) ?? text
}

/** `--dns-search .` takes the host's search domains away and sets none. */
const searchOf = (given: readonly string[], text: string): readonly string[] => {
  if (given.includes('.')) return []
  return given.length ? given : lastOf(text, 'search')
}

/** Text of a container's /etc/resolv.conf. `read` gives the text of a file of the host, or undefined. */
export const resolvConf = (
  request: ResolvConfRequest,
  read: (path: string) => string | undefined,
): string => {
  const { servers = [], search = [], options = [] } = request
  const text = sourceText(request, read)
  const found = request.hostNetwork ? serversOf(text) : reachableServers(text, request.ipv6 ?? false)
  const searched = searchOf(search, text)
  const wanted = options.length ? options : lastOf(text, 'options')
  return [
    ...(searched.length && searched.join(' ') !== '.' ? [`search ${searched.join(' ')}\n`] : []),
    ...(servers.length ? servers : found).map((server) => `nameserver ${server}\n`),
    ...(wanted.length ? [`options ${wanted.join(' ')}\n`] : []),
  ].join('')
}

/** `--dns` values: addresses, or `none` alone, which keeps the image's file. */
export const parseDnsServers = (values: readonly string[]): { none: boolean; servers: string[] } => {
  if (values.includes('none')) {
    if (values.length > 1)
      throw new TspodError('invalid', 'none is not allowed to be specified with other DNS ip addresses')
    return { none: true, servers: [] }
  }
  const servers = values.map((value) => {
    const ip = parseIp(value)
    if (!ip) throw new TspodError('invalid', `${value} is not an ip address`)
    return formatIp(ip)
  })
  return { none: false, servers }
}

const LABEL = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?'
const DOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*\\.?\\s*$`, 'i')

/** Checks `--dns-search` values with Podman's errors. */
export const checkDnsSearch = (values: readonly string[]): string[] =>
  values.map((value) => {
    if (value === '.') {
      if (values.length > 1)
        throw new TspodError('invalid', "cannot pass additional search domains when also specifying '.'")
      return value
    }
    const domain = value.trim()
    if (!/[a-z]/i.test(value) || !DOMAIN.test(value) || domain.length >= 255)
      throw new TspodError('invalid', `${value} is not a valid domain`)
    return domain
  })
