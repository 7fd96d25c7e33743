import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { openKernel } from '../kernel'
import type { MonitorHooks } from '../runtime/monitor/hooks'
import { runMonitor } from '../runtime/monitor/main'
import { openState } from '../state/store'
import { isGone } from './gone'

interface Place {
  root: string
  runroot: string
  sandboxId: string
}

// It happens at the end of every container, and needs no more than the state.
const retire = async (place: Place, leave: () => boolean): Promise<boolean> => {
  const state = openState({ ...place, kernel: openKernel })
  if (!existsSync(join(state.paths.sandbox(place.sandboxId), 'state.json'))) return leave()
  try {
    return await state.withSandbox(place.sandboxId, ({ sandbox }) => {
      if (!leave()) return false
      if (sandbox.monitor?.pid === process.pid) sandbox.monitor = undefined
      return true
    })
  } catch (error) {
    if (isGone(error)) return leave()
    throw error
  }
}

/** Loads the engine when a hook is first called: a monitor mostly waits, and stays small while it does. */
const lazyHooks = (place: Place): MonitorHooks => {
  let opened: Promise<Omit<MonitorHooks, 'retire'>> | undefined
  const hooks = () => {
    opened ??= import('./monitor-hooks').then(({ openHooks }) => openHooks(place))
    return opened
  }
  return {
    onExit: async (exit) => (await hooks()).onExit(exit),
    onRestarted: async (id, process) => (await hooks()).onRestarted(id, process),
    onRestartFailed: async (id, error) => (await hooks()).onRestartFailed(id, error),
    onExecExit: async (execId, id, code) => (await hooks()).onExecExit(execId, id, code),
    openRelay: async (ports) => (await hooks()).openRelay(ports),
    retire: (leave) => retire(place, leave),
  }
}

/** dist/monitor.js ROOT RUNROOT SANDBOX NAME */
export function main(): void {
  const [root = '', runroot = '', sandboxId = '', name = ''] = process.argv.slice(2)
  void runMonitor({ root, runroot, sandboxId, name, hooks: lazyHooks({ root, runroot, sandboxId }) })
}
