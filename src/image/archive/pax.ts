/** Records of a PAX extended header (pax(1), "pax Extended Header"): `LENGTH KEY=VALUE\n`, values as raw bytes. */
import { damaged } from './tar-header'

export type PaxRecords = Map<string, Buffer>

/** Keys are in order of appearance; a repeated key of sparse maps is kept by `onRecord` alone. */
export const parsePax = (bytes: Buffer, onRecord?: (key: string, value: Buffer) => void): PaxRecords => {
  const records: PaxRecords = new Map()
  for (let at = 0; at < bytes.length; ) {
    // Some writers pad with NULs.
    if (bytes[at] === 0) break
    const space = bytes.indexOf(0x20, at)
    const length = space === -1 ? Number.NaN : Number(bytes.toString('latin1', at, space))
    const end = at + length
    const equals = bytes.indexOf(0x3d, space)
    const whole = Number.isInteger(length) && length > 0 && end <= bytes.length
    if (!whole || equals === -1 || equals >= end || bytes[end - 1] !== 0x0a)
      throw damaged('an extended header is cut or garbled')
    const key = bytes.toString('latin1', space + 1, equals)
    const value = Buffer.from(bytes.subarray(equals + 1, end - 1))
    records.set(key, value)
    onRecord?.(key, value)
    at = end
  }
  return records
}

/** A name in a record, as latin1 text; one with a NUL would be cut short by the kernel. */
export const paxName = (records: PaxRecords, key: string): string | undefined => {
  const value = records.get(key)
  if (!value?.length) return undefined
  if (value.includes(0)) throw damaged('a name holds a NUL byte')
  return value.toString('latin1')
}

export const paxInteger = (records: PaxRecords, key: string): number | undefined => {
  const value = records.get(key)?.toString('latin1')
  if (value === undefined || value === '') return undefined
  const number = Number(value)
  if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(number)) throw damaged(`${key} is no number: ${value}`)
  return number
}

/** A time such as `1700000000.123456789`, possibly before 1970. */
export const paxTime = (
  records: PaxRecords,
  key: string,
): { seconds: number; nanoseconds: number } | undefined => {
  const value = records.get(key)?.toString('latin1')
  if (value === undefined || value === '') return undefined
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value)
  if (!match) throw damaged(`${key} is no time: ${value}`)
  const seconds = Number(match[2])
  const nanoseconds = Number((match[3] ?? '').slice(0, 9).padEnd(9, '0'))
  if (!match[1]) return { seconds, nanoseconds }
  return nanoseconds
    ? { seconds: -seconds - 1, nanoseconds: 1_000_000_000 - nanoseconds }
    : { seconds: -seconds, nanoseconds: 0 }
}

const SCHILY = 'SCHILY.xattr.'
const LIBARCHIVE = 'LIBARCHIVE.xattr.'

/** Extended attributes: star's raw form, and libarchive's with an encoded name and value. */
export const paxXattrs = (records: PaxRecords): Map<string, Buffer> => {
  const found = new Map<string, Buffer>()
  for (const [key, value] of records) {
    if (!key.startsWith(LIBARCHIVE)) continue
    const name = unescape(key.slice(LIBARCHIVE.length))
    found.set(name, Buffer.from(value.toString('latin1'), 'base64'))
  }
  for (const [key, value] of records) {
    if (key.startsWith(SCHILY)) found.set(key.slice(SCHILY.length), value)
  }
  return found
}
