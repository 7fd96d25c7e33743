import { closeSync, fstatSync, openSync, readSync } from 'node:fs'

/**
 * A log's backlog: output that a monitor has yet to write into the log as records, raw, in a file beside it. A header of
 * two u64 tells how many bytes of the backlog are in the log and how long the log was then; batches follow, each with a
 * header of its own: length (u32), stream (u8), length of the time (u8), the time.
 */
export const backlogPath = (logPath: string): string => `${logPath}.backlog`

export const FILE_HEADER = 16
export const BATCH_HEADER = 48
/** Where the time begins in a batch's header. */
export const TIME_AT = 6

/** Bytes of a backlog that are in its log. */
export const readConverted = (fd: number, header: Buffer): number =>
  readSync(fd, header, 0, FILE_HEADER, 0) < FILE_HEADER ? 0 : Number(header.readBigUInt64LE(0))

/** Milliseconds between two looks, and without progress after which nobody seems to work on it. */
const INTERVAL = 20
const PATIENCE = 2_000

const openBacklog = (logPath: string): number | undefined => {
  try {
    return openSync(backlogPath(logPath), 'r')
  } catch {
    return undefined
  }
}

/** Waits until all that is in a log's backlog now is in the log. Most logs have none. */
export const untilConverted = async (logPath: string): Promise<void> => {
  const fd = openBacklog(logPath)
  if (fd === undefined) return
  const { setTimeout: sleep } = await import('node:timers/promises')
  const header = Buffer.alloc(FILE_HEADER)
  try {
    const { size } = fstatSync(fd)
    let known = -1
    for (let waited = 0; waited < PATIENCE; waited += INTERVAL) {
      const converted = readConverted(fd, header)
      if (converted >= size || fstatSync(fd).nlink === 0) return
      if (converted > known) waited = 0
      known = converted
      await sleep(INTERVAL)
    }
  } finally {
    closeSync(fd)
  }
}
