const pad = (value: number, width = 2) => String(value).padStart(width, '0')

const offset = (date: Date): string => {
  const minutes = -date.getTimezoneOffset()
  if (minutes === 0) return 'Z'
  const size = Math.abs(minutes)
  return `${minutes < 0 ? '-' : '+'}${pad(Math.floor(size / 60))}:${pad(size % 60)}`
}

// Milliseconds of the wall clock, finer by what of the current one has passed since this process first saw it. A second
// look corrects the first, and a clock that was set. (`performance` has both, but takes 2 ms to load.)
let origin: { wall: bigint; steady: bigint } | undefined

const nowMicros = (): bigint => {
  const wall = BigInt(Date.now()) * 1000n
  const steady = process.hrtime.bigint() / 1000n
  origin ??= { wall, steady }
  const fine = origin.wall + steady - origin.steady
  if (fine >= wall && fine < wall + 1000n) return fine
  origin = { wall, steady }
  return wall
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
