import type { IdMapping } from '../state/types'

/** Ids from `start` up to, not including, `end`. */
export interface IdRange {
  start: number
  end: number
}

export const containerRange = (map: IdMapping): IdRange => ({
  start: map.container,
  end: map.container + map.size,
})
export const hostRange = (map: IdMapping): IdRange => ({ start: map.host, end: map.host + map.size })

const subtractOne = (range: IdRange, taken: IdRange): IdRange[] => {
  if (taken.end <= range.start || taken.start >= range.end) return [range]
  return [
    { start: range.start, end: taken.start },
    { start: taken.end, end: range.end },
  ].filter(({ start, end }) => start < end)
}

/** What is left of `ranges` without `taken`. */
export const subtract = (ranges: readonly IdRange[], taken: readonly IdRange[]): IdRange[] =>
  taken.reduce<IdRange[]>((left, one) => left.flatMap((range) => subtractOne(range, one)), [...ranges])

export const total = (ranges: readonly IdRange[]): number =>
  ranges.reduce((sum, { start, end }) => sum + end - start, 0)

/** The first `count` ids; undefined where there are fewer. */
export const firstIds = (ranges: readonly IdRange[], count: number): IdRange[] | undefined => {
  const taken: IdRange[] = []
  let missing = count
  for (const { start, end } of ranges) {
    if (missing === 0) break
    const size = Math.min(missing, end - start)
    taken.push({ start, end: start + size })
    missing -= size
  }
  return missing === 0 ? taken : undefined
}

/** Maps container ids to host ids, in their orders. */
export const zip = (containers: readonly IdRange[], hosts: readonly IdRange[]): IdMapping[] => {
  const maps: IdMapping[] = []
  const free = hosts.map((range) => ({ ...range }))
  for (const range of containers) {
    let next = range.start
    while (next < range.end && free[0]) {
      const size = Math.min(range.end - next, free[0].end - free[0].start)
      maps.push({ container: next, host: free[0].start, size })
      next += size
      free[0].start += size
      if (free[0].start === free[0].end) free.shift()
    }
  }
  return maps
}

/** Sorted by container id, with rows joined that follow one another on both sides. */
export const merged = (maps: readonly IdMapping[]): IdMapping[] => {
  const result: IdMapping[] = []
  for (const map of [...maps].sort((a, b) => a.container - b.container)) {
    const last = result.at(-1)
    const follows = last && last.container + last.size === map.container && last.host + last.size === map.host
    if (follows) last.size += map.size
    else result.push({ ...map })
  }
  return result
}

const overlap = (a: IdRange, b: IdRange) => a.start < b.end && b.start < a.end

/** Whether two rows claim the same id, which the kernel refuses. */
export const conflicts = (maps: readonly IdMapping[]): boolean =>
  maps.some((map, index) =>
    maps
      .slice(index + 1)
      .some(
        (other) =>
          overlap(containerRange(map), containerRange(other)) || overlap(hostRange(map), hostRange(other)),
      ),
  )

/** Whether the map shows the container's `id` on the host. No map shows all. */
export const isMapped = (maps: readonly IdMapping[], id: number): boolean =>
  maps.length === 0 || maps.some((map) => id >= map.container && id < map.container + map.size)

/** The host's id behind the container's `id`, undefined where it has none. */
export const hostId = (maps: readonly IdMapping[], id: number): number | undefined => {
  if (maps.length === 0) return id
  const map = maps.find(({ container, size }) => id >= container && id < container + size)
  return map && map.host + id - map.container
}
