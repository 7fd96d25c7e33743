import { readFileSync } from 'node:fs'

const V1_HEADER = 44

/**
 * The local zone's abbreviation, such as CET, from the system's zone file, which JavaScript can't tell; `+01` and the
 * like where there is no such file. TZif: RFC 8536.
 */
export function zoneName(date: Date): string {
  const offset = -date.getTimezoneOffset() * 60
  return readZoneFile(date, offset) ?? (offset === 0 ? 'UTC' : numericName(offset))
}

function readZoneFile(date: Date, offset: number): string | undefined {
  const zone = process.env.TZ?.replace(/^:/, '')
  if (zone === '' || zone === 'UTC') return 'UTC'
  try {
    const file = readFileSync(zone ? `/usr/share/zoneinfo/${zone}` : '/etc/localtime')
    return abbreviationAt(file, Math.floor(date.getTime() / 1000), offset)
  } catch {
    return undefined
  }
}

/** The abbreviation in force, or else any of the same offset: the file's rules for later years are not read. */
function abbreviationAt(file: Buffer, seconds: number, offset: number): string | undefined {
  if (file.toString('latin1', 0, 4) !== 'TZif') return undefined
  const count = (at: number) => file.readUInt32BE(at)
  const [transitions, types, chars] = [count(32), count(36), count(40)]
  const indexes = V1_HEADER + transitions * 4
  const infos = indexes + transitions
  const names = infos + types * 6
  const nameOf = (type: number) => {
    const start = names + file.readUInt8(infos + type * 6 + 5)
    return file.toString('latin1', start, Math.min(file.indexOf(0, start), names + chars))
  }
  const offsetOf = (type: number) => file.readInt32BE(infos + type * 6)
  for (let at = transitions - 1; at >= 0; at--) {
    const type = file.readUInt8(indexes + at)
    if (file.readInt32BE(V1_HEADER + at * 4) <= seconds && offsetOf(type) === offset) return nameOf(type)
  }
  const same = Array.from({ length: types }, (_, type) => type).filter((type) => offsetOf(type) === offset)
  const last = same.at(-1)
  return last === undefined ? undefined : nameOf(last)
}

function numericName(offset: number): string {
  const minutes = Math.abs(offset) / 60
  const two = (value: number) => String(value).padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${minutes % 60 ? two(minutes % 60) : ''}`
}
