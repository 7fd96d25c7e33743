import type { IdMapping, NamespaceMode } from '../state/types'
import type { CreateContext } from './context-types'
import { parseGoUint } from './go-numbers'
import { type IdKind, parseIdMap, parseRow, readIdMap } from './id-maps'
import { containerRange, firstIds, hostRange, type IdRange, merged, subtract, total, zip } from './id-ranges'
import { invalid, quoted } from './refusal'
import type { CreateOptions } from './types'

/** A container's user namespace: how it is had, its maps, and the user that the mode brings along. */
export interface UserNamespace {
  mode: NamespaceMode
  uidMappings: IdMapping[]
  gidMappings: IdMapping[]
  defaultUser?: string
}

type Host = CreateContext['host']

const parents = (host: Host): Record<IdKind, IdMapping[]> => ({
  UID: readIdMap(host.readFile('/proc/self/uid_map')),
  GID: readIdMap(host.readFile('/proc/self/gid_map')),
})

/** `key=value` pairs after the colon of `auto:` and `keep-id:`. */
const suboptions = (text: string): [key: string, value: string][] =>
  text === ''
    ? []
    : text.split(',').map((pair) => {
        const at = pair.indexOf('=')
        if (at < 0) throw invalid(`invalid option specified: ${quoted(pair)}`)
        return [pair.slice(0, at), pair.slice(at + 1)]
      })

/** `--uidmap` and `--gidmap`; one of them alone counts for both. */
export const mappedNamespace = (options: CreateOptions, host: Host): UserNamespace => {
  const [uids, gids] = [options.uidmap ?? [], options.gidmap ?? []]
  const parent = parents(host)
  const uidMappings = parseIdMap(uids.length ? uids : gids, 'UID', parent.UID)
  const gidMappings = parseIdMap(gids.length ? gids : uids, 'GID', parent.GID)
  if (uidMappings.length === 0 && gidMappings.length === 0)
    throw invalid('must provide at least one UID or GID mapping to configure a user namespace')
  return { mode: { mode: 'private' }, uidMappings, gidMappings }
}

/** How many ids the maps have. */
const sizeOf = (maps: readonly IdMapping[]): number => maps.reduce((sum, { size }) => sum + size, 0)

/** The host's id of an ordinary user, who is 0 in his namespace. */
const outerId = (maps: readonly IdMapping[]): number =>
  maps.find(({ container }) => container === 0)?.host ?? 0

const noSubordinates = (mode: string) =>
  invalid(
    `${mode} needs subordinate ids: you have none in /etc/subuid and /etc/subgid, or newuidmap is missing`,
  )

// The user is `own` inside; the ids below and above are the subordinate ones, in their order.
const aroundOwn = (own: number, size: number): IdMapping[] => {
  if (own > 0 && size < 2) throw noSubordinates('keep-id')
  const below = Math.min(own, size - 1)
  const above = size - 1 - below
  return [
    { container: 0, host: 1, size: below },
    { container: own, host: 0, size: 1 },
    { container: own + 1, host: below + 1, size: above },
  ].filter((row) => row.size > 0)
}

/** `keep-id` and `nomap` of an ordinary user, within the ids that he has. */
const limitedTo = (maps: readonly IdMapping[], limit: number | undefined): number =>
  Math.min(sizeOf(maps), limit ?? Number.POSITIVE_INFINITY)

/**
 * `keep-id` for root: a namespace of its own in which every id is what it was. For an ordinary user: one in which he has
 * his own id instead of 0, or the one that he names.
 */
export const keepIdNamespace = (text: string, host: Host): UserNamespace => {
  const { idMaps } = host
  const ids = { uid: outerId(idMaps?.uids ?? []), gid: outerId(idMaps?.gids ?? []) }
  let limit: number | undefined
  for (const [key, value] of suboptions(text)) {
    if (key === 'size' && idMaps) {
      limit = parseGoUint(value, 32)
      continue
    }
    if (key === 'size') throw invalid('cannot set max size for user namespace when not running rootless')
    if (key !== 'uid' && key !== 'gid') throw invalid(`unknown option specified: ${quoted(key)}`)
    ids[key] = parseGoUint(value, 32)
  }
  if (idMaps)
    return {
      mode: { mode: 'private' },
      uidMappings: aroundOwn(ids.uid, limitedTo(idMaps.uids, limit)),
      gidMappings: aroundOwn(ids.gid, limitedTo(idMaps.gids, limit)),
      defaultUser: `${ids.uid}:${ids.gid}`,
    }
  const own = (maps: IdMapping[]) => maps.map(({ container, size }) => ({ container, host: container, size }))
  const parent = parents(host)
  return {
    mode: { mode: 'private' },
    uidMappings: own(parent.UID),
    gidMappings: own(parent.GID),
    defaultUser: `${ids.uid}:${ids.gid}`,
  }
}

/** `nomap`: the user's own id is not inside, only his subordinate ones. */
export const nomapNamespace = (host: Host): UserNamespace => {
  if (!host.idMaps) throw invalid('nomap is only supported in rootless mode')
  const rest = (maps: readonly IdMapping[]): IdMapping[] => {
    const size = sizeOf(maps) - 1
    if (size < 1) throw noSubordinates('nomap')
    return [{ container: 0, host: 1, size }]
  }
  return {
    mode: { mode: 'private' },
    uidMappings: rest(host.idMaps.uids),
    gidMappings: rest(host.idMaps.gids),
  }
}

interface AutoOptions {
  size: number
  extra: Record<IdKind, IdMapping[]>
}

const autoOptions = (text: string, host: Host): AutoOptions => {
  const options: AutoOptions = { size: 0, extra: { UID: [], GID: [] } }
  const kinds: Record<string, IdKind> = { uidmapping: 'UID', gidmapping: 'GID' }
  for (const [key, value] of suboptions(text)) {
    const kind = kinds[key]
    if (key === 'size') options.size = parseGoUint(value, 32)
    else if (kind) options.extra[kind].push(...extraRow(value, kind, host))
    else throw invalid(`unknown option specified: ${quoted(key)}`)
  }
  return options
}

const extraRow = (text: string, kind: IdKind, host: Host): IdMapping[] => {
  const parts = text.split(':')
  if (parts.length === 2) parts.push('1')
  const [container = '', outside = '', size = ''] = parts
  if (parts.length !== 3 || container === '')
    throw invalid(
      `initializing ID mappings: ${kind} setting is malformed expected ["uint32:[@]uint32[:uint32]"] : ${quoted(text)}`,
    )
  return merged(parseRow([container, outside, size], parents(host)[kind], kind))
}

// Podman's name for the entry of /etc/subuid and /etc/subgid, and what its manual suggests to put there.
const owner = 'containers'
const suggested: IdRange = { start: 2_147_483_647, end: 4_294_967_295 }

const delegated = (host: Host, path: string): IdRange[] => {
  const ranges = (host.readFile(path) ?? '')
    .split('\n')
    .map((line) => line.trim().split(':'))
    .filter(([name]) => name === owner)
    .map(([, start, size]) => ({ start: Number(start), end: Number(start) + Number(size) }))
    .filter(({ start, end }) => Number.isInteger(start) && end > start)
  return ranges.length ? ranges : [suggested]
}

// An ordinary user's are in his namespace already; his own id goes to nobody.
const availableIds = (host: Host, kind: IdKind): IdRange[] => {
  if (!host.idMaps) return delegated(host, kind === 'UID' ? '/etc/subuid' : '/etc/subgid')
  const maps = kind === 'UID' ? host.idMaps.uids : host.idMaps.gids
  return maps.map(containerRange).flatMap((range) => subtract([range], [{ start: 0, end: 1 }]))
}

const smallest = 1024
const largest = 65_536

const autoSize = (requested: number, imageIds: number): number => {
  if (requested > 0) return requested
  const size = Math.max(smallest, imageIds)
  if (size > largest)
    throw invalid(
      `the container needs a user namespace with size ${size} that is bigger than the maximum value allowed with userns=auto ${largest}`,
    )
  return size
}

const autoMap = (
  size: number,
  extra: readonly IdMapping[],
  available: readonly IdRange[],
  used: readonly IdMapping[],
): IdMapping[] => {
  const wanted = subtract([{ start: 0, end: size }], extra.map(containerRange))
  const free = subtract(available, [...used, ...extra].map(hostRange))
  const hosts = firstIds(free, total(wanted))
  if (!hosts) throw invalid('not enough unused IDs in user namespace')
  return merged([...zip(wanted, hosts), ...extra])
}

/** `auto`: ids of the host that no other container's user namespace holds. */
export const autoNamespace = (text: string, context: CreateContext): UserNamespace => {
  const { size: requested, extra } = autoOptions(text, context.host)
  const size = autoSize(requested, requested > 0 ? 0 : (context.imageIds?.() ?? 0))
  const used = context.usedIds?.() ?? { uids: [], gids: [] }
  return {
    mode: { mode: 'auto' },
    uidMappings: autoMap(size, extra.UID, availableIds(context.host, 'UID'), used.uids),
    gidMappings: autoMap(size, extra.GID, availableIds(context.host, 'GID'), used.gids),
  }
}
