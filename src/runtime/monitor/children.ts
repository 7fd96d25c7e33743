import type { Kernel, ProcessExit } from '../../kernel'

/** Waits for the ends of child processes. */
export interface Children {
  /** The end of the child `pid`; -1 as its code where it is no child of ours, or was waited for by somebody else. */
  ended(pid: number): Promise<ProcessExit>
  /** Looks at all of them; called on SIGCHLD. */
  check(): void
}

export const createChildren = (kernel: Pick<Kernel, 'reap'>): Children => {
  const waiting = new Map<number, (exit: ProcessExit) => void>()
  const check = () => {
    for (const [pid, tell] of waiting) {
      const exit = kernel.reap(pid)
      if (exit === undefined) continue
      waiting.delete(pid)
      tell(exit ?? { pid, code: -1, signal: 0 })
    }
  }
  return {
    // The child may have ended before it was asked for, its signal gone by.
    ended: (pid) =>
      new Promise((resolve) => {
        waiting.set(pid, resolve)
        check()
      }),
    check,
  }
}
