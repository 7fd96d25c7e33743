/** A moment that can be compared: whole seconds since the epoch, and nanoseconds of the next. */
export interface Moment {
  seconds: number
  nanoseconds: number
}

export const compareMoments = (a: Moment, b: Moment): number =>
  a.seconds - b.seconds || a.nanoseconds - b.nanoseconds

export const momentOf = (date: Date): Moment => {
  const milliseconds = date.getTime()
  const seconds = Math.floor(milliseconds / 1000)
  return { seconds, nanoseconds: (milliseconds - seconds * 1000) * 1e6 }
}

/** Reads the times of a log's records. Most follow one of the same second, which is remembered. */
export const createTimeParser = (): ((time: string) => Moment) => {
  let known = ''
  let seconds = 0
  return (time) => {
    const second = time.slice(0, 19)
    const fraction = /^\.\d+/.exec(time.slice(19, 30))?.[0] ?? ''
    const whole = second + time.slice(19 + fraction.length)
    if (whole !== known) {
      known = whole
      seconds = Date.parse(whole) / 1000
    }
    return { seconds, nanoseconds: Number(fraction.slice(1).padEnd(9, '0')) }
  }
}
