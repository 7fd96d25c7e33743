import { quiet } from './quiet'
import type { Subject } from './subject'

/** An operation to compare. */
export interface Row {
  name: string
  /** What it may take, as a part of Podman's figure; where more is better, what it must reach. */
  limit: number
  unit: 'ms' | 'MB/s' | 'requests/s'
  better?: 'less' | 'more'
  rounds: number
  /** Made before the rounds. */
  prepare?(subject: Subject): void | Promise<void>
  /** One round; `round` counts from 0. */
  measure(subject: Subject, round: number): number | Promise<number>
  /** After the rounds, beside removing all containers and pods. */
  finish?(subject: Subject): void | Promise<void>
}

export interface Result {
  name: string
  unit: string
  tspod: number
  podman?: number
  ratio?: number
  limit: number
  holds?: boolean
  note?: string
}

const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Measures one operation in rounds, in which the subjects take turns at coming first. */
export async function compare(row: Row, subjects: readonly Subject[]): Promise<Result> {
  const values = new Map(subjects.map((subject) => [subject.name, [] as number[]]))
  try {
    for (const subject of subjects) await row.prepare?.(subject)
    // a first round warms caches and does not count
    for (let round = 0; round <= row.rounds; round++) {
      const order = round % 2 ? [...subjects].reverse() : subjects
      for (const subject of order) {
        // what the one does after its command must not slow the other down
        await quiet()
        const value = await row.measure(subject, round)
        if (round > 0) values.get(subject.name)?.push(value)
      }
    }
  } finally {
    for (const subject of subjects) {
      await row.finish?.(subject)
      subject.clear()
    }
  }
  return judge(row, values)
}

function judge(row: Row, values: Map<string, number[]>): Result {
  const tspod = median(values.get('tspod') ?? [])
  const others = values.get('podman')
  const result: Result = { name: row.name, unit: row.unit, tspod, limit: row.limit }
  if (!others) return result
  const podman = median(others)
  const ratio = tspod / podman
  return { ...result, podman, ratio, holds: row.better === 'more' ? ratio >= row.limit : ratio <= row.limit }
}
