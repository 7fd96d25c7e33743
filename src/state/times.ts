const pad = (value: number, width = 2) => String(value).padStart(width, '0')

const offset = (date: Date): string => {
  const minutes = -date.getTimezoneOffset()
  if (minutes === 0) return 'Z'
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

// The fine clock counts from the start of the process, and does not follow when the wall clock is set.
const nowMicros = (): bigint => {
  const fine = performance.timeOrigin + performance.now()
  const coarse = Date.now()
  return BigInt(Math.round((Math.abs(fine - coarse) < 2 ? fine : coarse) * 1000))
}

/** Now, in RFC 3339 with nanoseconds and the local offset, as Go prints it. */
export const nowRfc3339 = (): string => {
  const micros = nowMicros()
  const date = new Date(Number(micros / 1000n))
  const nanos = `${pad(Number(micros % 1_000_000n), 6)}000`
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
  const time = `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`
  return `${day}T${time}.${nanos}${offset(date)}`
}

/** Go's zero time, which Podman prints where something has not happened. */
export const ZERO_TIME = '0001-01-01T00:00:00Z'

/** Nanoseconds since 1970 of a time in RFC 3339. */
export const nanosOf = (time: string): bigint => {
  const fraction = /\.(\d+)/.exec(time)?.[1] ?? ''
  const seconds = BigInt(Math.floor(Date.parse(time.replace(/\.\d+/, '')) / 1000))
  return seconds * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
}

/** Orders two times, the earlier one first. */
export const compareTimes = (a: string, b: string): number => {
  const [left, right] = [nanosOf(a), nanosOf(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
