import { closeSync, openSync, readSync } from 'node:fs'

const LONGEST = 4096

/**
 * Text of a file of procfs that the kernel hands out in one piece of at most 4096 bytes, such as /proc/PID/stat. Throws
 * what node:fs throws. Three calls; `readFileSync` makes five, which counts where a command looks at every process.
 */
export const readProcFile = (path: string): string => {
  const fd = openSync(path, 'r')
  try {
    const bytes = Buffer.allocUnsafe(LONGEST)
    return bytes.toString('latin1', 0, readSync(fd, bytes, 0, LONGEST, null))
  } finally {
    closeSync(fd)
  }
}
