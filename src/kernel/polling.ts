import { Errno } from './errno'
import { checked, type RawKernel } from './raw'

/** Events of poll(2). */
export const POLL = { IN: 1, OUT: 4, ERR: 8, HUP: 16 } as const

export interface PollEntry {
  fd: number
  /** Those of `POLL` that are waited for; ERR and HUP always are. */
  events: number
}

export interface PollCalls {
  /**
   * ppoll(2) for at most so many milliseconds, on the main thread: nothing else of the process goes on
   * meanwhile. What happened, for each entry in its place; undefined where nothing did, or a signal came.
   */
  poll(entries: readonly PollEntry[], milliseconds: number): number[] | undefined
}

const ENTRY = 8

export const pollCalls = (raw: RawKernel): PollCalls => ({
  poll: (entries, milliseconds) => {
    const bytes = Buffer.alloc(entries.length * ENTRY)
    entries.forEach(({ fd, events }, index) => {
      bytes.writeInt32LE(fd, index * ENTRY)
      bytes.writeInt16LE(events, index * ENTRY + 4)
    })
    const limit = Buffer.alloc(16)
    limit.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0)
    limit.writeBigInt64LE(BigInt(milliseconds % 1000) * 1_000_000n, 8)
    const result = raw.call('ppoll', bytes, entries.length, limit, null, 0)
    if (result === 0 || result === -Errno.EINTR) return undefined
    checked(result, 'ppoll', `${entries.length} descriptors`)
    return entries.map((_, index) => bytes.readInt16LE(index * ENTRY + 6))
  },
})
