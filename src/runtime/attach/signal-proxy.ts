import { constants } from 'node:os'

/**
 * Signals that stay with the command: those that can't be caught or are about the command itself (a child, a pipe, its
 * window, its place in the foreground), and those that tell of a fault in it.
 */
const OWN = new Set([
  'SIGKILL',
  'SIGSTOP',
  'SIGCHLD',
  'SIGPIPE',
  'SIGURG',
  'SIGWINCH',
  'SIGTTIN',
  'SIGTTOU',
  'SIGILL',
  'SIGTRAP',
  'SIGBUS',
  'SIGFPE',
  'SIGSEGV',
  'SIGSYS',
  'SIGPROF',
])

/** Names of the signals that are handed on: one of each number, for some have two. */
export const proxiedSignals = (): NodeJS.Signals[] => {
  const byNumber = new Map<number, NodeJS.Signals>()
  for (const [name, number] of Object.entries(constants.signals)) {
    if (!OWN.has(name) && !byNumber.has(number)) byNumber.set(number, name as NodeJS.Signals)
  }
  return [...byNumber.values()]
}

export interface SignalProxy {
  /** Hands on what came so far, and from now on each as it comes. `send` answers false where the container is gone. */
  direct(send: (signal: number) => boolean): void
  close(): void
}

/**
 * Catches the signals from now on and keeps them until the container is there. Once it is gone, a signal does to the
 * command what it always does.
 */
export const catchSignals = (): SignalProxy => {
  const kept: NodeJS.Signals[] = []
  let deliver = (name: NodeJS.Signals): void => {
    kept.push(name)
  }
  const handler = (name: NodeJS.Signals) => deliver(name)
  const names = proxiedSignals()
  for (const name of names) process.on(name, handler)
  const close = () => {
    for (const name of names) process.off(name, handler)
  }
  return {
    direct: (send) => {
      deliver = (name) => {
        if (send(constants.signals[name])) return
        close()
        process.kill(process.pid, name)
      }
      for (const name of kept.splice(0)) deliver(name)
    },
    close,
  }
}
