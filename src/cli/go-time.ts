import { parseDurationMs } from './go-duration'
import { quote } from './go-quote'
import { parseFloat64, ValueError } from './go-values'
import { zoneName } from './zone-name'

const two = (value: number): string => String(value).padStart(2, '0')

/** A moment that keeps the nanoseconds of the RFC 3339 text that it is read from. */
export class FineDate extends Date {
  readonly fraction: string

  constructor(text: string) {
    super(text)
    this.fraction = /\.(\d{1,9})/.exec(text)?.[1] ?? ''
  }
}

function fractionOf(date: Date): string {
  const digits = date instanceof FineDate ? date.fraction : String(date.getMilliseconds()).padStart(3, '0')
  const fraction = digits.replace(/0+$/, '')
  return fraction ? `.${fraction}` : ''
}

function offsetOf(date: Date, colon: string): string {
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${colon}${two(size % 60)}`
}

const dayOf = (date: Date): string =>
  `${String(date.getFullYear()).padStart(4, '0')}-${two(date.getMonth() + 1)}-${two(date.getDate())}`

const clockOf = (date: Date): string =>
  `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`

/** time.Time's String, in the local zone: `2006-01-02 15:04:05.999 +0100 CET`. */
export const formatTime = (date: Date): string =>
  `${dayOf(date)} ${clockOf(date)}${fractionOf(date)} ${offsetOf(date, '')} ${zoneName(date)}`

/** RFC 3339 in the local zone, as Go's JSON has it: `2006-01-02T15:04:05.999+01:00`. */
export function formatRfc3339(date: Date): string {
  const offset = offsetOf(date, ':')
  return `${dayOf(date)}T${clockOf(date)}${fractionOf(date)}${offset === '+00:00' ? 'Z' : offset}`
}

/** time.ANSIC, which `version` prints: `Mon Jan  2 15:04:05 2006`. */
export function formatAnsi(date: Date): string {
  const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getDay()]
  const month = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')[date.getMonth()]
  return `${day} ${month} ${String(date.getDate()).padStart(2)} ${clockOf(date)} ${date.getFullYear()}`
}

const STAMP = /^(\d{4}-\d{2}-\d{2})(?:T(\d{2})(?::(\d{2})(?::(\d{2})(\.\d+)?)?)?)?(Z|[+-]\d{2}:\d{2})?$/

/** A date with what may follow it; undefined if the text is none. Without a zone it is in `zone`. */
function parseStamp(text: string, zone: 'Z' | ''): Date | undefined {
  const match = STAMP.exec(text)
  if (!match) return undefined
  const [, day, hour = '00', minute = '00', second = '00', fraction = '', given] = match
  const clock = `${hour}:${minute}:${second}${fraction.slice(0, 4)}`
  const date = new Date(`${day}T${clock}${given ?? zone}`)
  if (Number.isNaN(date.getTime()) || (day && Number(day.slice(8)) > 29 && !dayExists(day))) return undefined
  return date
}

const dayExists = (day: string): boolean => new Date(`${day}T00:00:00Z`).toISOString().startsWith(day)

/**
 * The time of `--since` and `--until`: RFC 3339 (UTC without a zone), seconds since 1970, or a duration, which lies in
 * the past for `since` and in the future for `until`. Throws a ValueError in Podman's words.
 */
export function parseInputTime(text: string, kind: 'since' | 'until', now = Date.now()): Date {
  const stamp = parseStamp(text, 'Z')
  if (stamp) return stamp
  const seconds = attempt(() => parseFloat64(text))
  if (seconds !== undefined) return new Date(seconds * 1000)
  const duration = attempt(() => parseDurationMs(text))
  if (duration === undefined) throw new ValueError('unable to interpret time value')
  return new Date(kind === 'since' ? now - duration : now + duration)
}

/** The time of an `until=` filter: a duration ago, a date (local without a zone), or seconds since 1970. */
export function parseUntilFilter(text: string, now = Date.now()): Date {
  const duration = text === '0' ? undefined : attempt(() => parseDurationMs(text))
  if (duration !== undefined) return new Date(Math.floor((now - duration) / 1000) * 1000)
  const stamp = parseStamp(text, '')
  if (stamp) return /T/.test(text) || /[Z+]/.test(text) ? stamp : localMidnight(text)
  if (/^[+-]?\d+(\.\d+)?$/.test(text)) return new Date(Number(text) * 1000)
  throw new ValueError(`failed to parse value as time or duration: ${quote(text)}`)
}

/** JavaScript reads a lone date as UTC. */
const localMidnight = (day: string): Date => new Date(`${day}T00:00:00`)

function attempt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ValueError) return undefined
    throw error
  }
}
