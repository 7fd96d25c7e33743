import type { Ulimit } from '../state/types'
import { parseGoInt } from './go-numbers'
import { invalid, quoted } from './refusal'

const types = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
]

/** The limit that `--ulimit host` is kept as: nothing is set, all are inherited. */
export const hostUlimit: Ulimit = { type: 'host', soft: 0, hard: 0 }

const parseLimit = (text: string): Ulimit => {
  const at = text.indexOf('=')
  if (at < 0) throw invalid(`invalid ulimit argument: ${text}`)
  const [type, values] = [text.slice(0, at), text.slice(at + 1)]
  if (!types.includes(type)) throw invalid(`invalid ulimit type: ${type}`)
  const [first = '', second, ...rest] = values.split(':')
  if (rest.length > 0)
    throw invalid(`too many limit value arguments - ${values}, can only have up to two, \`soft[:hard]\``)
  const given = second === undefined ? undefined : parseGoInt(second)
  const soft = parseGoInt(first)
  const hard = given ?? soft
  const rule = 'ulimit soft limit must be less than or equal to hard limit'
  if (hard !== -1 && soft === -1) throw invalid(`${rule}: soft: -1 (unlimited), hard: ${hard}`)
  if (hard !== -1 && soft > hard) throw invalid(`${rule}: ${soft} > ${hard}`)
  return { type, soft, hard }
}

/** `--ulimit` values; -1 is unlimited. The last one of a type wins. */
export const parseUlimits = (texts: readonly string[]): Ulimit[] => {
  const limits = new Map<string, Ulimit>()
  for (const text of texts) {
    if (text === 'host') return [hostUlimit]
    const plain = text.toLowerCase().replace(/^rlimit_/, '')
    try {
      const limit = parseLimit(plain)
      limits.set(limit.type, limit)
    } catch (error) {
      throw invalid(
        `ulimit option ${quoted(plain)} requires name=SOFT:HARD, failed to be parsed: ${(error as Error).message}`,
      )
    }
  }
  return [...limits.values()]
}
