import { TspodError } from '../errors'
import { parseSignal } from '../specgen/signals'
import type { ContainerRecord, LockedSandbox } from '../state'
import { syncStates } from '../state'
import type { Done, Outcome } from './api/common'
import type { KillOptions, PauseOptions, StopOptions } from './api/containers'
import type { EngineContext } from './context'
import { awaitEnd, cancelRestart, endProcess, type Running } from './end-process'
import { isGone } from './gone'
import { forEach } from './outcome'
import { selectContainers } from './select'
import { checkMay, may } from './states'

const SIGKILL = 9

/** The container in its locked, true state. */
export const lockedContainer = (locked: LockedSandbox, id: string): ContainerRecord => {
  syncStates(locked.sandbox)
  const container = locked.sandbox.containers.find((one) => one.id === id)
  if (container) return container
  throw new TspodError('not-found', `no container with name or ID "${id}" found: no such container`, {
    object: id,
  })
}

/**
 * Stops a container and waits until it is cleaned up. The lock is let go before the wait, so that a container that
 * takes its time holds nobody up. False where there was nothing to stop.
 */
export const stopContainer = async (
  context: EngineContext,
  sandboxId: string,
  containerId: string,
  time?: number,
  options: { restarting?: boolean } = {},
): Promise<boolean> => {
  const running = await context.state.withSandbox(sandboxId, (locked): Running | undefined => {
    const container = lockedContainer(locked, containerId)
    // Even where there is nothing to stop: a restart may be on its way.
    container.state.stoppedByUser = true
    container.state.restarting = options.restarting
    if (may('stop', container.state.status)) container.state.status = 'stopping'
    else if (!container.state.awaitsRestart) return undefined
    return { sandbox: locked.sandbox, container }
  })
  if (!running) return false
  if (running.container.state.awaitsRestart) {
    await cancelRestart(context, running)
    return true
  }
  const { stopSignal, stopTimeout } = running.container.config
  const timeout = time ?? stopTimeout
  await endProcess(context, running, timeout === 0 ? SIGKILL : stopSignal, timeout)
  return true
}

export const stopContainers = async (
  context: EngineContext,
  names: string[],
  options: StopOptions = {},
): Promise<Outcome<Done>> => {
  const chosen = selectContainers(context, names, { ...options, idFiles: options.cidfile })
  return forEach(
    chosen.results,
    async ({ sandbox, container, rawInput }) => {
      try {
        await stopContainer(context, sandbox.id, container.id, options.time)
      } catch (error) {
        if (!isGone(error)) throw error
      }
      return { id: container.id, rawInput }
    },
    chosen.errors,
  )
}

const killContainer = async (
  context: EngineContext,
  sandboxId: string,
  id: string,
  signal: number,
): Promise<void> => {
  const running = await context.state.withSandbox(sandboxId, async (locked): Promise<Running> => {
    const container = lockedContainer(locked, id)
    checkMay('kill', id, container.state.status)
    const { process } = container.state
    if (process) (await context.kernel()).signal(process, signal)
    container.state.stoppedByUser = true
    return { sandbox: locked.sandbox, container }
  })
  if (signal === SIGKILL && running.container.state.status !== 'paused') await awaitEnd(context, running)
}

export const killContainers = async (
  context: EngineContext,
  names: string[],
  options: KillOptions = {},
): Promise<Outcome<Done>> => {
  const signal = parseSignal(options.signal ?? 'KILL')
  const chosen = selectContainers(context, names, { ...options, idFiles: options.cidfile })
  return forEach(
    chosen.results,
    async ({ sandbox, container, rawInput }) => {
      try {
        await killContainer(context, sandbox.id, container.id, signal)
      } catch (error) {
        if (options.all && error instanceof TspodError && error.code === 'state') return undefined
        throw error
      }
      return { id: container.id, rawInput }
    },
    chosen.errors,
  )
}

const freeze = async (context: EngineContext, sandboxId: string, id: string, verb: 'pause' | 'unpause') => {
  const cgroups = await context.cgroups()
  await context.state.withSandbox(sandboxId, (locked) => {
    const container = lockedContainer(locked, id)
    const { state } = container
    checkMay(verb, id, state.status)
    if (!state.cgroupPath || cgroups.version === 'none')
      throw new TspodError(
        'unsupported',
        `cannot ${verb} without using Cgroups: this container does not have a cgroup`,
      )
    if (verb === 'pause') cgroups.freeze(state.cgroupPath)
    else cgroups.thaw(state.cgroupPath)
    state.status = verb === 'pause' ? 'paused' : 'running'
  })
}

export const freezeContainers = async (
  context: EngineContext,
  names: string[],
  options: PauseOptions,
  verb: 'pause' | 'unpause',
): Promise<Outcome<Done>> => {
  const chosen = selectContainers(context, names, { ...options, idFiles: options.cidfile })
  return forEach(
    chosen.results,
    async ({ sandbox, container, rawInput }) => {
      try {
        await freeze(context, sandbox.id, container.id, verb)
      } catch (error) {
        if (options.all && error instanceof TspodError && error.code === 'state') return undefined
        throw error
      }
      return { id: container.id, rawInput }
    },
    chosen.errors,
  )
}
