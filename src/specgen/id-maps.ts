import type { IdMapping } from '../state/types'
import { parseGoUint } from './go-numbers'
import { conflicts, containerRange, hostRange, type IdRange, merged, subtract } from './id-ranges'
import { invalid, quoted } from './refusal'

/** Whose ids a map is of. */
export type IdKind = 'UID' | 'GID'

interface Flags {
  /** `+`: what was mapped before gives way. */
  extends: boolean
  /** `u` and `g`: the row is for one kind alone. */
  kinds: IdKind[]
}

const listed = (texts: readonly string[]) => `[${texts.map(quoted).join(' ')}]`

const malformed = (kind: IdKind, texts: readonly string[]) =>
  invalid(
    `initializing ID mappings: ${kind} setting is malformed expected ["[+ug]uint32:[@]uint32[:uint32]"] : ${listed(texts)}`,
  )

const number = (text: string, whole: string): number => {
  try {
    return parseGoUint(text, 32)
  } catch (error) {
    throw invalid(`parsing id map value ${quoted(whole)}: ${(error as Error).message}`)
  }
}

const parseFlags = (text: string): [Flags, rest: string] => {
  const [, flags = '', rest = ''] = /^([+ug]*)(.*)$/s.exec(text) ?? []
  const kinds: IdKind[] = []
  if (flags.includes('u')) kinds.push('UID')
  if (flags.includes('g')) kinds.push('GID')
  return [{ extends: flags.includes('+'), kinds: kinds.length ? kinds : ['UID', 'GID'] }, rest]
}

// `@1000` is an id of the namespace that our own was made in, looked up in our map.
const throughParent = (id: number, parent: readonly IdMapping[], kind: IdKind): number => {
  const row = parent.find(({ host, size }) => id >= host && id < host + size)
  if (!row) throw invalid(`parent ID ${kind} ${id} is not mapped/delegated`)
  return row.container + id - row.host
}

/** One `container:host:size`, without flags. */
export const parseRow = (
  [container, host, size]: readonly [string, string, string],
  parent: readonly IdMapping[],
  kind: IdKind,
): IdMapping[] => {
  if (host === '') throw invalid(`invalid empty host id at ${kind} map: [${container} ${host} ${size}]`)
  const row = {
    container: number(container, container),
    host: number(host.replace(/^@/, ''), host),
    size: number(size, size),
  }
  if (!host.startsWith('@')) return row.size === 0 ? [] : [row]
  return Array.from({ length: row.size }, (_, index) => ({
    container: row.container + index,
    host: throughParent(row.host + index, parent, kind),
    size: 1,
  }))
}

// Takes the ids of `row` out of what was mapped before, on both sides.
const cutOut = (maps: readonly IdMapping[], row: IdMapping): IdMapping[] =>
  maps.flatMap((map) => {
    const shift = map.host - map.container
    const taken: IdRange[] = [
      containerRange(row),
      { start: hostRange(row).start - shift, end: hostRange(row).end - shift },
    ]
    return subtract([containerRange(map)], taken).map(({ start, end }) => ({
      container: start,
      host: start + shift,
      size: end - start,
    }))
  })

const triples = (text: string, kind: IdKind, all: readonly string[]): [string, string, string][] => {
  const parts = text.split(':')
  if (parts.length === 2) parts.push('1')
  if (parts.length % 3 !== 0) throw malformed(kind, all)
  const rows: [string, string, string][] = []
  for (let at = 0; at < parts.length; at += 3) {
    const [first = '', second = '', third = ''] = parts.slice(at, at + 3)
    if (first === '') throw malformed(kind, all)
    rows.push([first, second, third])
  }
  return rows
}

/** `--uidmap` or `--gidmap` values in Podman's extended notation, `[+ug]container:[@]host[:size]`. */
export const parseIdMap = (
  texts: readonly string[],
  kind: IdKind,
  parent: readonly IdMapping[],
): IdMapping[] => {
  let maps: IdMapping[] = []
  for (const text of texts.filter((one) => one !== '')) {
    for (const [first, second, third] of triples(text, kind, texts)) {
      const [flags, container] = parseFlags(first)
      if (!flags.kinds.includes(kind)) continue
      for (const row of parseRow([container, second, third], parent, kind))
        maps = [...(flags.extends ? cutOut(maps, row) : maps), row]
    }
  }
  const result = merged(maps)
  if (conflicts(result)) throw invalid(`${kind} mappings ${listed(texts)} overlap`)
  return result
}

/** The text of /proc/PID/uid_map. */
export const readIdMap = (text: string | undefined): IdMapping[] =>
  (text ?? '')
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((row) => row.length === 3)
    .map(([container = 0, host = 0, size = 0]) => ({ container, host, size }))
