import { writeSync } from 'node:fs'

const STDOUT = 1
const STDERR = 2
/** What a shell shows for a program that SIGPIPE ended, as it ends Podman. Node ignores the signal. */
const BROKEN_PIPE = 141
const RETRY_MS = 1

const errnoOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code

function waitALittle(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS)
}

/**
 * Writes everything, at once and in order. `process.stdout` stays untouched: on a pipe or a terminal its first use
 * loads Node's stream and net modules.
 */
function writeAll(fd: number, data: string | Uint8Array): void {
  const bytes = typeof data === 'string' ? Buffer.from(data) : data
  let at = 0
  while (at < bytes.length) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'EPIPE') process.exit(BROKEN_PIPE)
      if (errno !== 'EAGAIN') throw error
      waitALittle()
    }
  }
}

export const writeOut = (data: string | Uint8Array): void => writeAll(STDOUT, data)

export function writeErr(data: string | Uint8Array): void {
  try {
    writeAll(STDERR, data)
  } catch {
    // a closed or full stderr must not hide the exit code
  }
}
