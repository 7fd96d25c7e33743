import { readFileSync, writeFileSync } from 'node:fs'

const PATH = '/proc/self/oom_score_adj'
/** The kernel kills a monitor last: its containers would go on, but nobody would see their ends. */
const PROTECTED = '-999'

const write = (score: string): boolean => {
  try {
    writeFileSync(PATH, score)
    return true
  } catch {
    return false
  }
}

/**
 * Protects the process from the kernel's out-of-memory killer, where it may. What it starts inherits the score, so
 * `act` of the returned function runs, up to its first `await`, with the score of before.
 */
export const protectFromOomKiller = (): (<T>(act: () => T) => T) => {
  const before = readFileSync(PATH, 'latin1').trim()
  if (!write(PROTECTED)) return (act) => act()
  return (act) => {
    write(before)
    try {
      return act()
    } finally {
      write(PROTECTED)
    }
  }
}
