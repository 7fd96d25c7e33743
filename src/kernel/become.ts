import { F_SETFD } from './constants'
import { cstring, type RawKernel, syscallError } from './raw'

export interface BecomeCalls {
  /**
   * execve(2) of this very process, with our environment and standard streams: it keeps the PID and the terminal, and
   * Node is gone. Returns only by throwing.
   */
  become(path: string, args: readonly string[]): never
}

const SIGPIPE = 13
const POINTER = 8

/** A NULL-terminated array of C strings, in memory that does not move. */
const stringArray = (raw: RawKernel, texts: readonly string[]): Buffer => {
  const bytes = texts.map(cstring)
  const size = bytes.reduce((sum, { length }) => sum + length, (texts.length + 1) * POINTER)
  // A larger one than V8 keeps on its own heap.
  const memory = Buffer.alloc(Math.max(size, 4096))
  const base = raw.address(memory)
  let offset = (texts.length + 1) * POINTER
  bytes.forEach((text, index) => {
    memory.writeBigUInt64LE(base + BigInt(offset), index * POINTER)
    memory.set(text, offset)
    offset += text.length
  })
  return memory
}

export const becomeCalls = (raw: RawKernel): BecomeCalls => ({
  become: (path, args) => {
    const env = Object.entries(process.env).map(([name, value]) => `${name}=${value}`)
    const [argv, envp] = [stringArray(raw, args), stringArray(raw, env)]
    // Node ignores SIGPIPE, and a program that it becomes would go on doing so; and it marks 0, 1 and 2 close-on-exec.
    raw.libc('int64 signal(int number, int64 handler)')(SIGPIPE, 0)
    for (const fd of [0, 1, 2]) raw.call('fcntl', fd, F_SETFD, 0)
    const result = raw.call('execve', cstring(path), argv, envp)
    throw syscallError('execve', -result, path, `exec ${path}`)
  },
})
