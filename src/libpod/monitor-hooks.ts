import type { Kernel, ProcessId } from '../kernel'
import type { ContainerExit } from '../runtime/messages'
import type { ExitVerdict, MonitorHooks } from '../runtime/monitor/hooks'
import { decideRestart } from '../runtime/monitor/restart'
import { type ContainerRecord, type LockedSandbox, nanosOf, nowRfc3339, type Sandbox } from '../state'
import { createContext, type EngineContext } from './context'
import { isGone } from './gone'
import { infraOf } from './records'
import { finishContainer, recordEnding, stopLonelyInfra } from './settle'

const sameProcess = (a: ProcessId, b: ProcessId): boolean => a.pid === b.pid && a.startTime === b.startTime

// One whose command was killed while it started it is not known by its process yet, also when it is being stopped.
const isRunOf = ({ state }: ContainerRecord, process: ProcessId): boolean =>
  state.process === undefined
    ? state.status === 'initialized' || state.status === 'stopping'
    : sameProcess(state.process, process)

const ranFor = (state: ContainerRecord['state'], finishedAt: string): number =>
  state.startedAt ? Number((nanosOf(finishedAt) - nanosOf(state.startedAt)) / 1_000_000n) : 0

const findContainer = (sandbox: Sandbox, id: string): ContainerRecord | undefined =>
  sandbox.containers.find((container) => container.id === id)

// One that joins the namespaces of a dead infra container would start alone.
const canRunAgain = (sandbox: Sandbox, container: ContainerRecord): boolean => {
  const infra = infraOf(sandbox)
  return !infra || infra === container || infra.state.status === 'running'
}

const verdictFor = (sandbox: Sandbox, container: ContainerRecord, exit: ContainerExit): ExitVerdict => {
  const { state, config } = container
  const decision = decideRestart({
    policy: config.restart,
    exitCode: exit.exitCode,
    restartCount: state.restartCount,
    stoppedByUser: state.stoppedByUser || (sandbox.pod?.stoppedByUser ?? false),
    ranFor: ranFor(state, exit.finishedAt),
  })
  if (!decision.restart || !canRunAgain(sandbox, container)) return { action: 'end' }
  return { action: 'restart', delay: decision.delay }
}

const onExit = async (
  context: EngineContext,
  locked: LockedSandbox,
  exit: ContainerExit,
): Promise<ExitVerdict> => {
  const { sandbox } = locked
  const container = findContainer(sandbox, exit.containerId)
  if (!container || !isRunOf(container, exit.process)) return { action: 'end' }
  await recordEnding(context, container, exit)
  const verdict = verdictFor(sandbox, container, exit)
  if (verdict.action === 'end') {
    await finishContainer(context, locked, container)
    await stopLonelyInfra(context, sandbox)
  } else container.state.awaitsRestart = true
  return verdict
}

const onRestarted = ({ sandbox }: LockedSandbox, id: string, process: ProcessId): boolean => {
  const container = findContainer(sandbox, id)
  // Without the mark, a user has stopped it or started it anew meanwhile.
  if (!container?.state.awaitsRestart || container.state.stoppedByUser) return false
  const { state } = container
  state.awaitsRestart = undefined
  state.status = 'running'
  state.process = process
  state.monitor = sandbox.monitor
  state.startedAt = nowRfc3339()
  state.restartCount++
  return true
}

const openRootlessInside = async (kernel: Kernel, namespace: string, target: string) => {
  const { openLentInside } = await import('./relay-inside')
  return openLentInside(kernel, namespace, target)
}

/** The engine's part of the monitor of one sandbox. */
export const openHooks = (place: {
  root: string
  runroot: string
  sandboxId: string
}): Omit<MonitorHooks, 'retire'> => {
  const { sandboxId } = place
  const context = createContext(place)
  const locked = <T>(act: (locked: LockedSandbox) => T | Promise<T>): Promise<T> =>
    context.state.withSandbox(sandboxId, act)
  // What belongs to a sandbox that was removed meanwhile needs nothing any more.
  const unlessGone = async <T>(gone: T, act: (locked: LockedSandbox) => T | Promise<T>): Promise<T> => {
    try {
      return await locked(act)
    } catch (error) {
      if (isGone(error)) return gone
      throw error
    }
  }
  return {
    onExit: (exit) => unlessGone<ExitVerdict>({ action: 'end' }, (held) => onExit(context, held, exit)),
    onRestarted: (id, process) => unlessGone(false, (held) => onRestarted(held, id, process)),
    onRestartFailed: (id, error) =>
      unlessGone(undefined, async (held) => {
        const container = findContainer(held.sandbox, id)
        if (!container) return
        container.state.error = error.message
        container.state.awaitsRestart = undefined
        await finishContainer(context, held, container)
        await stopLonelyInfra(context, held.sandbox)
      }),
    onExecExit: (execId, containerId) =>
      unlessGone(undefined, ({ sandbox }) => {
        const state = findContainer(sandbox, containerId)?.state
        if (state) state.execIds = state.execIds.filter((id) => id !== execId)
      }),
    openRelay: async (ports) => {
      const { openRelay } = await import('../network/relay')
      // Of a namespace with several cards one address serves as well as another; without any, loopback.
      const target =
        ports.targets.find((address) => !address.includes(':')) ?? ports.targets[0] ?? '127.0.0.1'
      const kernel = await context.kernel()
      const { namespace } = ports
      const inside = context.rootless ? await openRootlessInside(kernel, namespace, target) : undefined
      const { openSplicer } = await import('./relay-splicer')
      return openRelay({
        kernel,
        namespace,
        ports: ports.ports,
        target,
        inside,
        splicer: openSplicer(kernel),
      })
    },
  }
}
