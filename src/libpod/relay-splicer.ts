import { Socket } from 'node:net'
import { checked, type Kernel } from '../kernel'
import { O } from '../kernel/constants'
import type { Splicer } from '../network/relay'
import { LIFE, ONE, OTHER, SPLICE_NAME, spliceProgram } from '../runtime/program/splice'

/** Connections at once that have a process of their own: each costs some 200 KB, and the cores are few. */
const MOST = 16

const pipe = (kernel: Kernel): [number, number] => {
  const pair = Buffer.alloc(8)
  checked(kernel.raw.call('pipe2', pair, O.CLOEXEC | O.NONBLOCK), 'pipe2', 'life line')
  return [pair.readInt32LE(0), pair.readInt32LE(4)]
}

/** Gives each connection a process of system calls. */
export const openSplicer = (kernel: Kernel): Splicer => {
  let memory: number | undefined
  let running = 0

  const start = (one: number, other: number): { pid: number; life: number } | undefined => {
    memory ??= kernel.executableMemory(SPLICE_NAME, spliceProgram(kernel.raw.arch))
    if (memory === undefined) return undefined
    const [life, theirs] = pipe(kernel)
    try {
      const descriptors = [
        [one, ONE],
        [other, OTHER],
        [theirs, LIFE],
      ] as const
      return {
        life,
        pid: kernel.spawn({ program: { fd: memory }, args: [SPLICE_NAME], env: [], descriptors }),
      }
    } catch {
      // As where the user may have no more processes.
      kernel.close(life)
      return undefined
    } finally {
      kernel.close(theirs)
    }
  }

  return {
    take: (one, other, ended) => {
      if (running >= MOST) return undefined
      const started = start(one, other)
      if (!started) return undefined
      running += 1
      let over = false
      const life = new Socket({ fd: started.life, readable: true, writable: false })
      life.on('close', () => {
        over = true
        running -= 1
        kernel.waitFor(started.pid)
        ended()
      })
      life.resume()
      // Until it is waited for, its PID is nobody else's.
      return () => {
        if (!over) process.kill(started.pid, 'SIGKILL')
      }
    },
    close: () => {
      if (memory !== undefined) kernel.close(memory)
      memory = undefined
    },
  }
}
