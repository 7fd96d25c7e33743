import { readFileSync } from 'node:fs'
import type { IdMapping } from '../../state/types'

const readLines = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n')
  } catch {
    return []
  }
}

/** Rows of /etc/subuid or /etc/subgid that belong to the user, by name or number. Source: subuid(5). */
const parseSubordinate = (lines: readonly string[], user: { name: string; uid: number }): IdMapping[] =>
  lines.flatMap((line) => {
    const [owner, start, count] = line.split(':')
    if (owner !== user.name && owner !== String(user.uid)) return []
    const [host, size] = [Number(start), Number(count)]
    return Number.isInteger(host) && size > 0 ? [{ container: 0, host, size }] : []
  })

/** Id 0 is the user, the subordinate ids follow in a row. */
export const mapOf = (own: number, subordinate: readonly IdMapping[]): IdMapping[] => {
  let next = 1
  const rows = subordinate.map(({ host, size }) => {
    const row = { container: next, host, size }
    next += size
    return row
  })
  return [{ container: 0, host: own, size: 1 }, ...rows]
}

export interface UserRanges {
  uids: IdMapping[]
  gids: IdMapping[]
}

/** What the host lends the user beside his own ids. */
export const subordinateRanges = (user: { name: string; uid: number }): UserRanges => ({
  uids: parseSubordinate(readLines('/etc/subuid'), user),
  gids: parseSubordinate(readLines('/etc/subgid'), user),
})
