import { quote } from './go-quote'
import { ValueError } from './go-values'

const NANOSECOND: Record<string, bigint> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  μs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const LIMIT = 1n << 63n

const PART = /^(\d*)(?:\.(\d*))?([^\d.]*)/

/** time.ParseDuration: `1h2m3.5s` in nanoseconds. Throws a ValueError in Go's words. */
export function parseDuration(text: string): bigint {
  const invalid = () => new ValueError(`time: invalid duration ${quote(text)}`)
  const negative = text.startsWith('-')
  let rest = text.replace(/^[-+]/, '')
  if (rest === '0') return 0n
  if (rest === '') throw invalid()
  let total = 0n
  while (rest !== '') {
    const [part, whole = '', fraction = '', unit = ''] = PART.exec(rest) ?? ['']
    if (whole === '' && fraction === '') throw invalid()
    if (unit === '') throw new ValueError(`time: missing unit in duration ${quote(text)}`)
    const scale = NANOSECOND[unit]
    if (scale === undefined) {
      throw new ValueError(`time: unknown unit ${quote(unit)} in duration ${quote(text)}`)
    }
    total += BigInt(whole || 0) * scale + (BigInt(fraction || 0) * scale) / 10n ** BigInt(fraction.length)
    if (total > LIMIT || (total === LIMIT && !negative)) throw invalid()
    rest = rest.slice(part.length)
  }
  return negative ? -total : total
}

/** The same in milliseconds. */
export const parseDurationMs = (text: string): number => Number(parseDuration(text)) / 1e6

/** time.Duration's String: nanoseconds as `1h2m3.5s`. */
export function formatDuration(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (value < 1_000n) return `${sign}${value}ns`
  if (value < 1_000_000n) return `${sign}${decimal(value, 3)}µs`
  if (value < 1_000_000_000n) return `${sign}${decimal(value, 6)}ms`
  const minutes = value / 60_000_000_000n
  const seconds = `${decimal(value % 60_000_000_000n, 9)}s`
  if (minutes === 0n) return sign + seconds
  const hours = minutes / 60n
  return `${sign}${hours > 0n ? `${hours}h` : ''}${minutes % 60n}m${seconds}`
}

function decimal(value: bigint, places: number): string {
  const digits = String(value).padStart(places + 1, '0')
  const fraction = digits.slice(-places).replace(/0+$/, '')
  return digits.slice(0, -places) + (fraction ? `.${fraction}` : '')
}
