import { TspodError } from '../errors'
import { formatIp, parseIp } from '../kernel/ip'
import type { NetworkAttachment, NetworkMode } from './types'

const invalid = (message: string): TspodError => new TspodError('invalid', message)

/** Podman's mode words, which no network may have for a name in a list. */
const RESERVED = ['bridge', 'pasta', 'pod', 'none', 'default', 'private', 'ns', 'container', 'host']

const cut = (text: string, separator: string): [head: string, tail: string | undefined] => {
  const at = text.indexOf(separator)
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** A MAC address in Go's three spellings, as `02:00:00:00:00:01`. */
const parseMac = (text: string): string => {
  const plain = /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2})(?:\1[0-9a-f]{2}){4}$|^[0-9a-f]{4}(?:\.[0-9a-f]{4}){2}$/i
  if (!plain.test(text)) throw invalid(`address ${text}: invalid MAC address`)
  const digits = text.replace(/[^0-9a-f]/gi, '').toLowerCase()
  return digits.match(/../g)!.join(':')
}

const staticIp = (value: string): string => {
  const ip = parseIp(value)
  if (!ip) throw invalid(`invalid ip address ${JSON.stringify(value)}`)
  return formatIp(ip)
}

const nonEmpty = (name: string, value: string): string => {
  if (!value) throw invalid(`${name} cannot be empty`)
  return value
}

/** `ip=…,mac=…,interface_name=…,alias=…` after the name of a network. */
const parseOptions = (name: string, options: string | undefined): NetworkAttachment => {
  const attachment: NetworkAttachment = { name }
  for (const option of options ? options.split(',') : []) {
    const [key, value = ''] = cut(option, '=')
    if (key === 'ip' || key === 'ip6')
      attachment.staticIps = [...(attachment.staticIps ?? []), staticIp(value)]
    else if (key === 'mac') attachment.staticMac = parseMac(value)
    else if (key === 'alias') attachment.aliases = [...(attachment.aliases ?? []), nonEmpty(key, value)]
    else if (key === 'interface_name') attachment.interfaceName = nonEmpty(key, value)
    else
      throw new TspodError('unsupported', `network option ${JSON.stringify(key)} is not supported by tspod`)
  }
  return attachment
}

const named = (text: string): NetworkAttachment => {
  const [name, options] = cut(text, ':')
  if (name === '') throw invalid('network name cannot be empty')
  try {
    return parseOptions(name, options)
  } catch (error) {
    const { code, message } = error as TspodError
    throw new TspodError(code, `invalid option for network ${name}: ${message}`)
  }
}

const parseFirst = (value: string): NetworkMode => {
  const [word, rest] = cut(value, ':')
  if (value === '' || value === 'default' || value === 'private')
    return { mode: 'bridge', networks: [{ name: 'default' }] }
  if (value === 'none' || value === 'host' || value === 'pod') return { mode: value }
  if (word === 'bridge') return { mode: 'bridge', networks: [parseOptions('default', rest)] }
  if (word === 'ns' && rest !== undefined) return { mode: 'path', path: nonEmpty('namespace path', rest) }
  if (word === 'container' && rest !== undefined)
    return { mode: 'container', container: nonEmpty('container name', rest) }
  if (word === 'pasta' || word === 'slirp4netns')
    return { mode: word, options: rest === undefined ? [] : rest.split(',') }
  if (rest !== undefined) return { mode: 'bridge', networks: [named(value)] }
  // A list of names separated by commas is an old form that Podman still takes.
  return { mode: 'bridge', networks: value.split(',').map((name) => ({ name })) }
}

const parseFurther = (value: string): NetworkAttachment => {
  const [word] = cut(value, ':')
  if (word === '') throw invalid('network name cannot be empty: invalid argument')
  if (RESERVED.includes(word))
    throw invalid(
      `can only set extra network names, selected mode ${word} conflicts with bridge: invalid argument`,
    )
  return named(value)
}

/** `--network` values; none at all mean the default network. Whether the networks exist is not looked at. */
export const parseNetworkMode = (values: readonly string[]): NetworkMode => {
  const mode = parseFirst(values[0] ?? '')
  if (values.length < 2) return mode
  if (mode.mode !== 'bridge')
    throw invalid(
      `cannot set multiple networks without bridge network mode, selected mode ${mode.mode}: invalid argument`,
    )
  return { mode: 'bridge', networks: [...mode.networks, ...values.slice(1).map(parseFurther)] }
}

interface StaticAddresses {
  ip?: string
  ip6?: string
  mac?: string
  aliases?: readonly string[]
}

const onlyNetwork = (mode: NetworkMode, flag: string): NetworkAttachment => {
  if (mode.mode !== 'bridge')
    throw invalid(`--${flag} can only be set when the network mode is bridge: invalid argument`)
  if (mode.networks.length !== 1 && flag !== 'network-alias')
    throw invalid(`--${flag} can only be set for a single network: invalid argument`)
  return mode.networks[0]!
}

/** Lays `--ip`, `--ip6`, `--mac-address` and `--network-alias` over a parsed mode. */
export const withStaticAddresses = (mode: NetworkMode, options: StaticAddresses): NetworkMode => {
  const changed: NetworkMode =
    mode.mode === 'bridge'
      ? { mode: 'bridge', networks: mode.networks.map((network) => ({ ...network })) }
      : mode
  for (const flag of ['ip', 'ip6'] as const) {
    const value = options[flag]
    if (!value) continue
    if (!parseIp(value)) throw invalid(`${JSON.stringify(value)} is not an ip address`)
    const network = onlyNetwork(changed, flag)
    network.staticIps = [...(network.staticIps ?? []), staticIp(value)]
  }
  if (options.mac) {
    const mac = parseMac(options.mac)
    onlyNetwork(changed, 'mac-address').staticMac = mac
  }
  if (options.aliases?.length && changed.mode === 'bridge') {
    for (const network of changed.networks) network.aliases = [...options.aliases]
  } else if (options.aliases?.length) onlyNetwork(changed, 'network-alias')
  return changed
}
