import { TspodError } from '../errors'
import type { ContainerRecord, LockedSandbox, Sandbox } from '../state'
import { nowRfc3339, UNKNOWN_EXIT_CODE } from '../state'
import type { EngineContext } from './context'
import { forgetContainer } from './forget'
import { infraOf } from './records'
import { releaseResources } from './release'
import { isUp } from './states'

const SIGTERM = 15

/** What is known about a container's end. */
export interface Ending {
  /** -1 where nobody saw it. */
  exitCode: number
  finishedAt: string
}

export const unseenEnding = (): Ending => ({ exitCode: UNKNOWN_EXIT_CODE, finishedAt: nowRfc3339() })

const wasOutOfMemory = async (context: EngineContext, container: ContainerRecord): Promise<boolean> => {
  const { cgroupPath } = container.state
  const cgroups = await context.cgroups()
  return (
    Boolean(cgroupPath) &&
    cgroups.version !== 'none' &&
    cgroups.exists(cgroupPath) &&
    cgroups.oomKills(cgroupPath) > 0
  )
}

/** Writes an end into the document. Resources stay: the container may be started again at once. */
export const recordEnding = async (
  context: EngineContext,
  container: ContainerRecord,
  ending: Ending,
): Promise<void> => {
  const { state } = container
  state.oomKilled = await wasOutOfMemory(context, container)
  state.status = 'exited'
  state.process = undefined
  state.monitor = undefined
  state.awaitsRestart = undefined
  state.exitCode = ending.exitCode
  state.finishedAt = ending.finishedAt
  state.execIds = []
}

/** Gives back what the container had, and removes it where it was started with `--rm`. */
export const finishContainer = async (
  context: EngineContext,
  locked: LockedSandbox,
  container: ContainerRecord,
): Promise<void> => {
  if (container.config.autoRemove && !container.state.restarting)
    return forgetContainer(context, locked, container)
  for (const { message } of await releaseResources(context, locked.sandbox, container)) {
    context.warn(`cleaning up container ${container.id}: ${message}`)
  }
  locked.save()
}

/** The infra container of a pod that ends with its last container, when that is the case now. */
const infraToStop = (sandbox: Sandbox): ContainerRecord | undefined => {
  if (sandbox.pod?.exitPolicy !== 'stop') return undefined
  const infra = infraOf(sandbox)
  const others = sandbox.containers.filter((container) => container !== infra)
  const done = others.every(({ state }) => state.status === 'exited' || state.status === 'removing')
  return infra && isUp(infra.state.status) && done ? infra : undefined
}

/** Ends a pod whose policy says so when its last container has ended. */
export const stopLonelyInfra = async (context: EngineContext, sandbox: Sandbox): Promise<void> => {
  const infra = infraToStop(sandbox)
  if (!infra?.state.process) return
  infra.state.stoppedByUser = true
  ;(await context.kernel()).signal(infra.state.process, SIGTERM)
}

/**
 * Settles the end of a container that nobody is going to restart. `process` tells which run of it ended: where it was
 * settled already, or runs again, nothing is done.
 */
export const settleContainer = async (
  context: EngineContext,
  sandboxId: string,
  containerId: string,
  ending: Ending,
): Promise<void> => {
  try {
    await context.state.withSandbox(sandboxId, async (locked) => {
      const container = locked.sandbox.containers.find(({ id }) => id === containerId)
      if (!container || !isUp(container.state.status)) return
      await recordEnding(context, container, ending)
      await finishContainer(context, locked, container)
      await stopLonelyInfra(context, locked.sandbox)
    })
  } catch (error) {
    // Somebody removed it meanwhile.
    if (!(error instanceof TspodError && error.code === 'not-found')) throw error
  }
}
