import type { MonitorHooks } from './hooks'

/**
 * Lets one hook run at a time. Each waits for the sandbox's lock on a thread of Node's pool: a command that holds the
 * lock while it starts a container here needs another of these threads, so they must not all be waiting for it.
 */
export const serialHooks = (hooks: MonitorHooks): MonitorHooks => {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(act: () => Promise<T>): Promise<T> => {
    const turn = last.then(act, act)
    last = turn.catch(() => undefined)
    return turn
  }
  return {
    onExit: (exit) => inTurn(() => hooks.onExit(exit)),
    onRestarted: (id, process) => inTurn(() => hooks.onRestarted(id, process)),
    onRestartFailed: (id, error) => inTurn(() => hooks.onRestartFailed(id, error)),
    onExecExit: (execId, id, code) => inTurn(() => hooks.onExecExit(execId, id, code)),
    openRelay: (ports) => hooks.openRelay(ports),
    retire: (leave) => inTurn(() => hooks.retire(leave)),
  }
}
