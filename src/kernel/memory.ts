import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { RawKernel } from './raw'

export interface MemoryCalls {
  /**
   * Gives memory that is not used any more back to the kernel. Node keeps what a busy time took until it needs it again,
   * and an idle process needs nothing. Takes 10 to 30 ms, so only for a process that has just become idle.
   */
  releaseMemory(): void
}

/** V8's collector, which is reached by name alone while its flag is set. Code that is kept is for one set of flags. */
const collector = (): (() => void) => {
  setFlagsFromString('--expose-gc')
  try {
    return runInNewContext('gc') as () => void
  } finally {
    setFlagsFromString('--no-expose-gc')
  }
}

export const memoryCalls = (raw: RawKernel): MemoryCalls => ({
  releaseMemory: () => {
    const collect = collector()
    // What was finalized by the first run is freed by the second.
    collect()
    collect()
    try {
      raw.libc('int malloc_trim(size_t pad)')(0)
    } catch {
      // musl has no such function, and keeps less.
    }
  },
})
