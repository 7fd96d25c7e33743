/** Nanoseconds of a second are told apart by the monotonic clock; the wall clock has milliseconds. */
export interface WallTime {
  /** Milliseconds since the epoch, whole. */
  milliseconds: number
  /** Nanoseconds within that millisecond. */
  nanoseconds: number
}

export type Clock = () => WallTime

export interface ClockSources {
  /** Milliseconds since the epoch. */
  wall(): number
  /** Monotonic time as seconds and nanoseconds. */
  monotonic(): [seconds: number, nanoseconds: number]
}

const systemSources: ClockSources = { wall: () => Date.now(), monotonic: () => process.hrtime() }

/** How far, in milliseconds, the two clocks may drift apart before a step of the wall clock is taken over. */
const TOLERANCE = 2

/**
 * The wall clock with the resolution of the monotonic one, without a system call of ours. It follows steps of the
 * wall clock; between them it never runs backwards.
 */
export const createClock = (sources: ClockSources = systemSources): Clock => {
  let offset = Number.NaN
  return () => {
    const wall = sources.wall()
    const [seconds, nanoseconds] = sources.monotonic()
    const whole = seconds * 1000 + Math.floor(nanoseconds / 1e6)
    if (!(Math.abs(wall - whole - offset) <= TOLERANCE)) offset = wall - whole
    return { milliseconds: whole + offset, nanoseconds: nanoseconds % 1e6 }
  }
}

const pad = (value: number, width: number): string => String(value).padStart(width, '0')

/** The zone as RFC 3339 has it, from Date's minutes west of UTC. */
const zone = (minutesWest: number): string => {
  if (minutesWest === 0) return 'Z'
  const minutes = Math.abs(minutesWest)
  return `${minutesWest > 0 ? '-' : '+'}${pad(Math.floor(minutes / 60), 2)}:${pad(minutes % 60, 2)}`
}

/** Local time in RFC 3339 with nine digits of a second's fraction, as in `2024-01-31T23:59:59.000000000Z`. */
export const formatTime = ({ milliseconds, nanoseconds }: WallTime): string => {
  const date = new Date(milliseconds)
  const west = date.getTimezoneOffset()
  const local = west === 0 ? date : new Date(milliseconds - west * 60_000)
  return `${local.toISOString().slice(0, 23)}${pad(nanoseconds, 6)}${zone(west)}`
}
