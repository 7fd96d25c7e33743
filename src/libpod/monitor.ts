import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { TspodError } from '../errors'
import type { Kernel, ProcessId } from '../kernel'
import { MonitorClient } from '../runtime/attach/client'
import { monitorEnvironment, monitorNodeFlags } from '../runtime/monitor/node-flags'
import { monitorAlive, type Sandbox } from '../state'
import type { EngineContext } from './context'

/** A connection to a sandbox's monitor. */
export interface MonitorLink {
  client: MonitorClient
  process: ProcessId
}

/** Where a monitor finds its first client. */
const CLIENT_FD = 3

// Nothing of the caller's environment but what Node and the clock of the logs go by.
const environment = (): string[] =>
  ['PATH', 'HOME', 'TZ', 'LANG', 'XDG_CACHE_HOME', 'TSPOD_ROOTLESS'].flatMap((name) => {
    const value = process.env[name]
    return value === undefined ? [] : [`${name}=${value}`]
  })

/**
 * Starts the monitor of a sandbox that has none, and returns at once: it comes up while its first request is still
 * being prepared. With the sandbox's lock held, unless nobody else knows of the sandbox yet.
 */
export const spawnMonitor = (
  context: EngineContext,
  kernel: Kernel,
  sandbox: { id: string; name: string },
): MonitorLink => {
  const { ours, theirs } = kernel.unixPair('stream')
  const nothing = openSync('/dev/null', 'r+')
  try {
    const program = join(__dirname, 'monitor.js')
    const args = [program, context.root, context.runroot, sandbox.id, sandbox.name]
    const pid = kernel.spawn({
      program: process.execPath,
      args: [process.execPath, ...monitorNodeFlags, ...args],
      env: [...environment(), ...monitorEnvironment],
      descriptors: [
        [nothing, 0],
        [nothing, 1],
        [nothing, 2],
        [theirs, CLIENT_FD],
      ],
      newSession: true,
    })
    const monitor = kernel.identify(pid)
    if (!monitor) throw new TspodError('system', `the monitor of ${sandbox.name} ended at once`)
    return { client: MonitorClient.onDescriptor(ours), process: monitor }
  } catch (error) {
    kernel.close(ours)
    throw error
  } finally {
    kernel.close(theirs)
    closeSync(nothing)
  }
}

/** The connection to the monitor of a sandbox; undefined where none lives. */
export const connectMonitor = async (
  context: EngineContext,
  sandbox: Sandbox,
): Promise<MonitorClient | undefined> =>
  monitorAlive(sandbox) ? MonitorClient.connect(context.runroot, sandbox.id) : undefined

const sandboxName = (sandbox: Sandbox): string =>
  sandbox.pod?.name ?? sandbox.containers[0]?.name ?? sandbox.id

/** The monitor of a sandbox whose lock is held: the living one, or a new one. */
export const linkMonitor = async (context: EngineContext, sandbox: Sandbox): Promise<MonitorLink> => {
  const client = await connectMonitor(context, sandbox)
  if (client && sandbox.monitor) return { client, process: sandbox.monitor }
  const kernel = await context.kernel()
  return spawnMonitor(context, kernel, { id: sandbox.id, name: sandboxName(sandbox) })
}
