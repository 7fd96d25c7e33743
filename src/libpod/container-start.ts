import { isTspodError, TspodError } from '../errors'
import type { MonitorClient } from '../runtime/attach/client'
import {
  type ContainerRecord,
  findContainer,
  type LockedSandbox,
  type Sandbox,
  syncStates,
  trueState,
} from '../state'
import type { EngineContext } from './context'
import { dependenciesOf, startOrder } from './dependencies'
import { cancelRestart } from './end-process'
import { forgetContainer } from './forget'
import { linkMonitor, type MonitorLink } from './monitor'
import { type StartAttached, startLocked } from './start/start'
import { isUp } from './states'
import { lockedContainer } from './stop'

export interface StartRequest {
  /** How the container's start is attached, once the connection to its monitor is there. */
  attach?: (client: MonitorClient) => StartAttached
  /** A monitor that was started for this sandbox already. */
  link?: MonitorLink
}

// Each in its own sandbox and with its own lock, before ours is taken: no two locks are ever held at once.
const startOthers = async (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
): Promise<void> => {
  const own = new Set(sandbox.containers.map(({ id }) => id))
  for (const id of dependenciesOf(sandbox, container)) {
    if (own.has(id)) continue
    const other = findContainer(context.state, id)
    if (isUp(trueState(other.sandbox, other.container).status)) continue
    const link = await startContainer(context, other.sandbox.id, id)
    link.client.close()
  }
}

/** What is done for a start before the lock is taken: its monitor and other sandboxes take their own. */
const makeWay = async (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
): Promise<void> => {
  if (container.state.awaitsRestart) await cancelRestart(context, { sandbox, container })
  await startOthers(context, sandbox, container)
}

/** The container's dependencies within its sandbox that are down, and itself, in the order of their start. */
const toStart = (sandbox: Sandbox, container: ContainerRecord): ContainerRecord[] => {
  const needed = new Set<string>()
  const add = (one: ContainerRecord) => {
    if (needed.has(one.id)) return
    needed.add(one.id)
    for (const id of dependenciesOf(sandbox, one)) {
      const other = sandbox.containers.find((candidate) => candidate.id === id)
      if (other) add(other)
    }
  }
  add(container)
  return startOrder(sandbox).filter(
    (one) => needed.has(one.id) && (one === container || !isUp(one.state.status)),
  )
}

// As Podman: one that was to be removed at its end is removed when it could not be started, either.
const removeFailed = async (context: EngineContext, locked: LockedSandbox, container: ContainerRecord) => {
  if (container.config.autoRemove) await forgetContainer(context, locked, container)
}

/**
 * Starts a container with what it depends on. The connection to its monitor is returned, attached where that was
 * asked; the caller closes it.
 */
export const startContainer = async (
  context: EngineContext,
  sandboxId: string,
  containerId: string,
  request: StartRequest = {},
): Promise<MonitorLink> => {
  const before = context.state.read(sandboxId)
  const found = before?.containers.find(({ id }) => id === containerId)
  if (before && found) await makeWay(context, before, found)
  return context.state.withSandbox(sandboxId, async (locked) => {
    const container = lockedContainer(locked, containerId)
    const order = toStart(locked.sandbox, container)
    const link = request.link ?? (await linkMonitor(context, locked.sandbox))
    try {
      const attached = request.attach?.(link.client)
      for (const one of order) {
        await startLocked(context, locked, one, link, one === container ? attached : undefined)
      }
      return link
    } catch (error) {
      link.client.close()
      await removeFailed(context, locked, container)
      throw error
    }
  })
}

/** Starts all containers of a pod that are down; those that failed, with the reason. */
export const startPodContainers = async (
  context: EngineContext,
  sandboxId: string,
): Promise<{ id: string; error: TspodError }[]> => {
  const before = context.state.read(sandboxId)
  for (const container of before?.containers ?? []) await makeWay(context, before!, container)
  return context.state.withSandbox(sandboxId, async (locked) => {
    syncStates(locked.sandbox)
    const order = startOrder(locked.sandbox).filter(({ state }) => !isUp(state.status))
    if (order.length === 0) return []
    const link = await linkMonitor(context, locked.sandbox)
    try {
      return await startAll(context, locked, order, link)
    } finally {
      link.client.close()
    }
  })
}

const startAll = async (
  context: EngineContext,
  locked: LockedSandbox,
  order: readonly ContainerRecord[],
  link: MonitorLink,
) => {
  const failures: { id: string; error: TspodError }[] = []
  const failed = new Set<string>()
  for (const container of order) {
    const missing = dependenciesOf(locked.sandbox, container).find((id) => failed.has(id))
    try {
      if (missing) throw new TspodError('state', `a dependency of container ${container.id} failed to start`)
      await startLocked(context, locked, container, link)
    } catch (error) {
      if (!isTspodError(error)) throw error
      failed.add(container.id)
      failures.push({ id: container.id, error })
    }
  }
  return failures
}
