import { Errno } from './errno'
import type { RawKernel } from './raw'

/** Threads of Node's pool that are left for other calls: who holds a lock may need one to let it go. */
const SPARE = 2
const POOL = 4

const poolSize = (): number => Number(process.env.UV_THREADPOOL_SIZE) || POOL

/**
 * Waits for locks on threads of the pool. If every thread waited for a lock, a call that some holder of one in this very
 * process makes on the pool would wait for them, and they for it: so only some do at a time, the others in line.
 */
export const flockAside = (raw: RawKernel) => {
  const line: (() => void)[] = []
  let free = Math.max(1, poolSize() - SPARE)
  const leave = () => {
    const next = line.shift()
    if (next) next()
    else free += 1
  }
  return async (fd: number, operation: number): Promise<number> => {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => line.push(resolve))
    try {
      for (;;) {
        const result = await raw.callAsync('flock', fd, operation)
        if (result !== -Errno.EINTR) return result
      }
    } finally {
      leave()
    }
  }
}
