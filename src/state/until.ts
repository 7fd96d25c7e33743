import { TspodError } from '../errors'

const seconds: Record<string, number> = { ms: 0.001, s: 1, m: 60, h: 3600 }

const duration = (text: string): number | undefined => {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, value, unit]) => sum + Number(value) * seconds[unit!]!,
    0,
  )
}

/** The moment of an `until=` filter: so long ago, a date (local without a zone), or seconds since 1970. */
export const parseUntil = (text: string, now = Date.now()): number => {
  const ago = duration(text)
  if (ago !== undefined) return now - ago * 1000
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000
  // A lone date would be read as UTC.
  const time = Date.parse(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text)
  if (!Number.isNaN(time)) return time
  throw new TspodError('invalid', `failed to parse value as time or duration: ${JSON.stringify(text)}`)
}
