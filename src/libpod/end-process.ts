import { TspodError } from '../errors'
import type { Kernel, ProcessId } from '../kernel'
import { isProcessAlive } from '../kernel'
import type { MonitorClient } from '../runtime/attach/client'
import type { ContainerRecord, Sandbox } from '../state'
import type { EngineContext } from './context'
import { connectMonitor } from './monitor'
import { finishContainer, settleContainer, unseenEnding } from './settle'

const SIGKILL = 9
const LOOK_EVERY = 20
/** Milliseconds after which a process that got SIGKILL is taken to be stuck in the kernel. */
const STUCK = 10_000

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const waitForEnd = async (process: ProcessId, milliseconds: number): Promise<boolean> => {
  const until = Date.now() + milliseconds
  while (isProcessAlive(process)) {
    if (Date.now() >= until) return false
    await sleep(Math.min(LOOK_EVERY, Math.max(1, until - Date.now())))
  }
  return true
}

/** Ends a process without its monitor's help. */
const endAlone = async (
  kernel: Kernel,
  process: ProcessId,
  signal: number,
  timeout: number,
): Promise<void> => {
  kernel.signal(process, signal)
  if (await waitForEnd(process, timeout * 1000)) return
  kernel.signal(process, SIGKILL)
  await waitForEnd(process, STUCK)
}

/** Asks the sandbox's monitor. False where there is none, or it does not have the container: a new one may not. */
const throughMonitor = async (
  context: EngineContext,
  sandbox: Sandbox,
  ask: (monitor: MonitorClient) => Promise<unknown>,
): Promise<boolean> => {
  const monitor = await connectMonitor(context, sandbox)
  if (!monitor) return false
  try {
    await ask(monitor)
    return true
  } catch (error) {
    if (error instanceof TspodError && error.code === 'state') return false
    throw error
  } finally {
    monitor.close()
  }
}

/** Which container of which sandbox, as it was when its lock was let go. */
export interface Running {
  sandbox: Sandbox
  container: ContainerRecord
}

/**
 * Sends a signal, after `timeout` seconds SIGKILL, and waits until the container is down and cleaned up. Through its
 * monitor, which carries it to the end; by ourselves where that is dead.
 */
export const endProcess = async (
  context: EngineContext,
  { sandbox, container }: Running,
  signal: number,
  timeout: number,
): Promise<void> => {
  const containerId = container.id
  const stopped = await throughMonitor(context, sandbox, async (monitor) => {
    const request = { containerId, signal, timeout, settle: 'client' } as const
    const { exit, settle } = await monitor.call('stop', request)
    // We have the engine at hand: a monitor would load it for this. What it has done, or failed to do, is seen here too.
    await settleContainer(context, sandbox.id, containerId, exit)
    if (settle) await monitor.call('settled', { containerId })
  })
  if (stopped) return
  const { process } = container.state
  if (process) await endAlone(await context.kernel(), process, signal, timeout)
  await settleContainer(context, sandbox.id, container.id, unseenEnding())
}

/** Takes back a restart that the container's monitor is about to make, and cleans up as after an end. */
export const cancelRestart = async (
  context: EngineContext,
  { sandbox, container }: Running,
): Promise<void> => {
  const request = { containerId: container.id, signal: SIGKILL, timeout: 0 }
  await throughMonitor(context, sandbox, (monitor) => monitor.call('stop', request))
  await context.state.withSandbox(sandbox.id, async (locked) => {
    const now = locked.sandbox.containers.find(({ id }) => id === container.id)
    if (!now?.state.awaitsRestart) return
    now.state.awaitsRestart = undefined
    await finishContainer(context, locked, now)
  })
}

/** Waits until a container that got a deadly signal is down and cleaned up. */
export const awaitEnd = async (context: EngineContext, { sandbox, container }: Running): Promise<void> => {
  const ended = await throughMonitor(context, sandbox, (monitor) =>
    monitor.call('wait', { containerId: container.id, until: 'settled' }),
  )
  if (ended) return
  if (container.state.process) await waitForEnd(container.state.process, STUCK)
  await settleContainer(context, sandbox.id, container.id, unseenEnding())
}
