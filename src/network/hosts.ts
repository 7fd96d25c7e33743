import { TspodError } from '../errors'
import { parseIp } from '../kernel/ip'
import type { NetworkState } from '../state/types'
import type { HostEntry, NetworkMode } from './types'

const HOST_GATEWAY = 'host-gateway'
const HOST_NAMES = ['host.containers.internal', 'host.docker.internal']

const line = ({ ip, names }: HostEntry): string => `${ip}\t${names.join(' ')}\n`

/** The entries of a hosts file, without its comments. */
const parseHosts = (text: string): HostEntry[] =>
  text.split('\n').flatMap((row) => {
    const [ip, ...names] = row.split('#')[0]!.split(/\s+/).filter(Boolean)
    return ip && names.length ? [{ ip, names }] : []
  })

const cut = (entry: string): [names: string, address: string | undefined] => {
  const at = entry.indexOf(':')
  return at < 0 ? [entry, undefined] : [entry.slice(0, at), entry.slice(at + 1)]
}

/** Checks `--add-host` values, `name[;name…]:address`, with Podman's errors. */
export const checkExtraHosts = (values: readonly string[]): string[] =>
  values.map((value) => {
    const quoted = JSON.stringify(value)
    const [names, address] = cut(value)
    if (address === undefined || names === '')
      throw new TspodError('invalid', `bad format for add-host: ${quoted}`)
    if (names.split(';').includes(''))
      throw new TspodError('invalid', `hostname in add-host ${quoted} is empty`)
    if (address !== HOST_GATEWAY && !parseIp(address.trim()))
      throw new TspodError('invalid', `invalid IP address in add-host: ${JSON.stringify(address)}`)
    return value
  })

const extraEntry = (value: string, hostAddress: string | undefined): HostEntry => {
  const [names, address = ''] = cut(value)
  if (address === HOST_GATEWAY && !hostAddress)
    throw new TspodError(
      'invalid',
      `unable to replace "${HOST_GATEWAY}" of host entry ${JSON.stringify(value)}: host containers internal IP address is empty`,
    )
  return { ip: address === HOST_GATEWAY ? hostAddress! : address, names: names.split(';') }
}

/** Entries reduced to the names that are not taken: what the user wrote is never overridden. */
const free = (entries: readonly HostEntry[], taken: ReadonlySet<string>): HostEntry[] =>
  entries
    .map(({ ip, names }) => ({ ip, names: names.filter((name) => !taken.has(name)) }))
    .filter(({ names }) => names.length > 0)

const namesOf = (entries: readonly HostEntry[]): Set<string> => new Set(entries.flatMap(({ names }) => names))

interface HostsRequest {
  /** Text of the file to start from. */
  base?: string
  /** `--add-host` values. */
  extraHosts?: readonly string[]
  /** Address behind `host.containers.internal`; no such line when missing. */
  hostAddress?: string
  /** The container's own lines. */
  entries: readonly HostEntry[]
}

/** Text of a container's /etc/hosts: the user's entries, the base file's, then those of ours whose names are free. */
export const hostsFile = ({ base = '', extraHosts = [], hostAddress, entries }: HostsRequest): string => {
  const given = [...extraHosts.map((value) => extraEntry(value, hostAddress)), ...parseHosts(base)]
  const own = [
    { ip: '127.0.0.1', names: ['localhost'] },
    { ip: '::1', names: ['localhost'] },
    ...(hostAddress ? [{ ip: hostAddress, names: HOST_NAMES }] : []),
    ...entries,
  ]
  return [...given, ...free(own, namesOf(given))].map(line).join('')
}

/** A hosts file with the entries whose names it does not have yet: for containers that join its owner's namespace. */
export const addHostEntries = (text: string, entries: readonly HostEntry[]): string =>
  text +
  free(entries, namesOf(parseHosts(text)))
    .map(line)
    .join('')

/** A hosts file without the lines that have the address and one of the names of an entry. */
export const removeHostEntries = (text: string, entries: readonly HostEntry[]): string =>
  parseHosts(text)
    .filter(
      ({ ip, names }) =>
        !entries.some((gone) => gone.ip === ip && names.some((name) => gone.names.includes(name))),
    )
    .map(line)
    .join('')

const withoutPrefix = (address: string): string => address.split('/')[0]!

/** A container's own lines: its addresses, or loopback where it has none and is alone. */
export const ownHostEntries = (
  mode: NetworkMode,
  state: NetworkState | undefined,
  names: readonly string[],
): HostEntry[] => {
  const unique = [...new Set(names)]
  if (mode.mode === 'none') return [{ ip: '127.0.0.1', names: unique }]
  if (mode.mode !== 'bridge') return []
  return (state?.networks ?? []).map(({ address }) => ({ ip: withoutPrefix(address), names: unique }))
}

/**
 * The address under which a container reaches the host: its gateway, loopback in the host's own namespace, and for
 * want of both an address of the host, which `local` finds.
 */
export const hostAddress = (
  mode: NetworkMode,
  state: NetworkState | undefined,
  local: () => string | undefined,
): string | undefined => {
  if (mode.mode === 'host') return '127.0.0.1'
  const gateways = (state?.networks ?? []).map(({ gateway }) => gateway).filter(Boolean)
  return gateways.find((gateway) => !gateway.includes(':')) ?? gateways[0] ?? local()
}
