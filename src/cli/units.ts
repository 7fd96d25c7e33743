import { parseFloat64, ValueError } from './go-values'
import { significant } from './template/printf'

const DECIMAL = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB', 'ZB', 'YB']
const BINARY = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB', 'ZiB', 'YiB']
const POWERS = 'bkmgtp'

function human(size: number, base: number, units: string[], precision: number): string {
  let unit = 0
  while (size >= base && unit < units.length - 1) {
    size /= base
    unit += 1
  }
  return `${significant(size, precision)}${units[unit]}`
}

/** go-units: 2746000 is `2.746MB`. */
export const humanSize = (bytes: number): string => human(bytes, 1000, DECIMAL, 4)

export const humanSizeWithPrecision = (bytes: number, precision: number): string =>
  human(bytes, 1000, DECIMAL, precision)

/** go-units: 17825792 is `17MiB`. */
export const bytesSize = (bytes: number): string => human(bytes, 1024, BINARY, 4)

function parseSize(text: string, base: number): number {
  const at = Math.max(...[...'0123456789. '].map((char) => text.lastIndexOf(char)))
  if (at < 0) throw new ValueError(`invalid size: '${text}'`)
  const size = parseFloat64(text.slice(0, text[at] === ' ' ? at : at + 1))
  if (size < 0) throw new ValueError(`invalid size: '${text}'`)
  const given = text.slice(at + 1)
  const suffix = given.length > 3 ? given : given.toLowerCase()
  if (!/^(?:b|[kmgtp](?:i?b)?)?$/.test(suffix)) throw new ValueError(`invalid suffix: '${suffix}'`)
  return Math.trunc(size * base ** POWERS.indexOf(suffix[0] ?? 'b'))
}

/** `512m`, `1.5GiB`, `4096`: bytes, in powers of 1024. Throws a ValueError in go-units' words. */
export const ramInBytes = (text: string): number => parseSize(text, 1024)

/** `44kB`, `17MB`: bytes, in powers of 1000. */
export const fromHumanSize = (text: string): number => parseSize(text, 1000)

/** go-units: about how long, such as `About an hour` or `3 weeks`. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / 1000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  const minutes = Math.trunc(milliseconds / 60_000)
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  const hours = Math.trunc(milliseconds / 3_600_000 + 0.5)
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.trunc(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.trunc(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.trunc(hours / 24 / 30)} months`
  return `${Math.trunc(Math.trunc(milliseconds / 3_600_000) / 24 / 365)} years`
}
