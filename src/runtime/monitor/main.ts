import { Socket } from 'node:net'
import { openKernel } from '../../kernel'
import { createErrorLog } from './error-log'
import type { MonitorHooks } from './hooks'
import { Monitor } from './monitor'
import { protectFromOomKiller } from './oom-score'
import { monitorErrorLog, monitorSocket } from './paths'

export interface RunMonitorOptions {
  root: string
  runroot: string
  sandboxId: string
  /** The pod's or container's name, for the process list. */
  name: string
  hooks: MonitorHooks
  /** Descriptor of the first client's connection; 3 where missing. */
  client?: number
}

const FIRST_CLIENT = 3

// A signal meant for the terminal or the session of whoever started the first container is not meant for a monitor.
const ignoreSignals = (): void => {
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGPIPE', 'SIGUSR1', 'SIGUSR2'] as const) {
    process.on(signal, () => {})
  }
}

/**
 * Runs as the monitor of a sandbox until nothing of it is alive: never returns. The caller started this process in a
 * session of its own, with /dev/null as its standard streams.
 */
export const runMonitor = async (options: RunMonitorOptions): Promise<void> => {
  const { runroot, sandboxId, hooks } = options
  const report = createErrorLog(monitorErrorLog(runroot, sandboxId))
  process.on('uncaughtException', (error) => report('uncaught', error))
  process.on('unhandledRejection', (error) => report('unhandled', error))
  ignoreSignals()
  process.title = `tspod monitor ${options.name}`
  process.chdir('/')
  process.umask(0o077)
  const socket = monitorSocket(runroot, sandboxId)
  const withPlainOomScore = protectFromOomKiller()
  const kernel = openKernel()
  const monitor = new Monitor({ kernel, hooks, runroot, socket, report, withPlainOomScore }, () =>
    process.exit(0),
  )
  process.on('SIGCHLD', () => monitor.children.check())
  await monitor.open()
  const fd = options.client ?? FIRST_CLIENT
  monitor.connect(new Socket({ fd, readable: true, writable: true }))
}
