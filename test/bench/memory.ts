import { readdirSync, readFileSync } from 'node:fs'
import type { Result } from './row'
import { IMAGE, type Subject } from './subject'

const MB = 1_000_000

/** Private memory of a process, in bytes. */
const privateBytes = (pid: string): number => {
  const text = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')
  return [...text.matchAll(/^Private_(?:Clean|Dirty): +(\d+) kB/gm)].reduce(
    (sum, match) => sum + Number(match[1]) * 1024,
    0,
  )
}

const commandLine = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'latin1')
  } catch {
    return ''
  }
}

/** The monitor of the pod of that name, told by its title. */
const monitorOf = (pod: string): string => {
  const found = readdirSync('/proc').find(
    (pid) => /^\d+$/.test(pid) && commandLine(pid).startsWith(`tspod monitor ${pod}`),
  )
  if (!found) throw new Error('the monitor was not found')
  return found
}

/** Milliseconds after which V8 has given back what a monitor's start took: some eight quiet seconds. */
const SETTLED = 12_000

const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLED))

/** Private memory of a monitor: for a pod of three containers, and for each further one. */
export async function measureMemory(tspod: Subject): Promise<Result[]> {
  tspod.ok('pod', 'create', '--name', 'weighed')
  const add = () => tspod.ok('run', '-d', '--pod', 'weighed', IMAGE, 'sleep', '100000')
  try {
    add()
    add()
    const atFirst = privateBytes(monitorOf('weighed'))
    await settle()
    const three = privateBytes(monitorOf('weighed'))
    for (let n = 0; n < 10; n++) add()
    await settle()
    const further = (privateBytes(monitorOf('weighed')) - three) / 10
    return [
      {
        name: 'private memory of a monitor, 3 containers, at once',
        unit: 'MB',
        tspod: atFirst / MB,
        limit: 9,
        holds: atFirst <= 9 * MB,
      },
      {
        name: 'the same after twelve quiet seconds',
        unit: 'MB',
        tspod: three / MB,
        limit: 9,
        holds: three <= 9 * MB,
      },
      {
        name: 'and for each further one',
        unit: 'MB',
        tspod: further / MB,
        limit: 0.3,
        holds: further <= 0.3 * MB,
      },
    ]
  } finally {
    tspod.clear()
  }
}

/** `ps -a` of 2,000 containers takes under ten times as long as of 200. */
export function measureGrowth(tspod: Subject): Result {
  const time = () => {
    const values = Array.from({ length: 5 }, () => tspod.time('ps', '-a')).sort((a, b) => a - b)
    return values[2]!
  }
  const grow = (from: number, to: number) => {
    for (let n = from; n < to; n++)
      tspod.ok('create', '--network', 'none', '--name', `many${n}`, IMAGE, 'true')
    return time()
  }
  try {
    const ratio = grow(0, 200) ** -1 * grow(200, 2000)
    return {
      name: 'ps -a, 2,000 containers, by that of 200',
      unit: 'times',
      tspod: ratio,
      limit: 10,
      holds: ratio < 10,
    }
  } finally {
    tspod.clear()
  }
}
