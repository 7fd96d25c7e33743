import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const WINDOW_MS = 60
const AT_MOST_MS = 5000
/** The part of all processors' time in which they had nothing to do. */
const IDLE = 0.85

/** Ticks of all processors since the boot: all, and idle ones. Source: proc_stat(5). */
function ticks(): { all: number; idle: number } {
  const [, ...fields] = readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]!.split(/ +/)
  const values = fields.map(Number)
  return { all: values.reduce((sum, value) => sum + value), idle: values[3]! + values[4]! }
}

/** Waits until the machine has nothing to do, but not for ever. */
export async function quiet(): Promise<void> {
  const end = Date.now() + AT_MOST_MS
  for (let before = ticks(); Date.now() < end; ) {
    await sleep(WINDOW_MS)
    const now = ticks()
    if ((now.idle - before.idle) / (now.all - before.all) > IDLE) return
    before = now
  }
}
