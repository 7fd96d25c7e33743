import { ManyErrors, TspodError } from '../errors'
import { type Sandbox, syncStates } from '../state'
import type { Done, Outcome, Selection } from './api/common'
import type { PodKillOptions, PodStopOptions } from './api/pods'
import type { EngineContext } from './context'
import { startOrder } from './dependencies'
import { isGone } from './gone'
import { asTspodError, forEach } from './outcome'
import { infraOf } from './records'
import { selectPods } from './select'
import { isUp, may } from './states'
import { freezeContainers, killContainers, stopContainer } from './stop'

/** Members in groups that may be ended at the same time, those that others depend on last. */
const stopGroups = (sandbox: Sandbox): string[][] => {
  const infra = infraOf(sandbox)
  const members = startOrder(sandbox).filter((container) => container !== infra)
  const chained = members.some(({ config }) => config.requires.length > 0)
  const ids = members.map(({ id }) => id).reverse()
  const groups = chained ? ids.map((id) => [id]) : [ids]
  return infra ? [...groups, [infra.id]] : groups
}

/** Tells which containers of a pod failed. */
export const podFailure = (doing: string, failures: { id: string; error: TspodError }[]): TspodError => {
  const errors = failures.map(
    ({ id, error }) =>
      new TspodError(error.code, `${doing} container ${id}: ${error.message}`, error.context, error),
  )
  return errors.length === 1 ? errors[0]! : new ManyErrors(errors)
}

/** Stops all containers of a pod, the infra container last. */
export const stopPodContainers = async (
  context: EngineContext,
  id: string,
  time?: number,
  options: { restarting?: boolean } = {},
): Promise<void> => {
  const sandbox = await context.state.withSandbox(id, (locked) => {
    syncStates(locked.sandbox)
    locked.sandbox.pod!.stoppedByUser = true
    return locked.sandbox
  })
  const failures: { id: string; error: TspodError }[] = []
  for (const group of stopGroups(sandbox)) {
    await Promise.all(
      group.map(async (containerId) => {
        try {
          await stopContainer(context, id, containerId, time, options)
        } catch (error) {
          if (!isGone(error)) failures.push({ id: containerId, error: asTspodError(error) })
        }
      }),
    )
  }
  if (failures.length > 0) throw podFailure('stopping', failures)
}

const removePodCgroup = async (context: EngineContext, id: string): Promise<void> => {
  const cgroups = await context.cgroups()
  await context.state.withSandbox(id, ({ sandbox }) => {
    const path = sandbox.pod?.cgroupPath
    const down = sandbox.containers.every(({ state }) => !isUp(state.status))
    if (path && down && cgroups.version !== 'none' && cgroups.exists(path)) cgroups.remove(path)
  })
}

export const stopPods = async (
  context: EngineContext,
  names: string[],
  options: PodStopOptions = {},
): Promise<Outcome<Done>> => {
  const chosen = selectPods(context, names, { ...options, idFiles: options.podIdFile })
  return forEach(
    chosen.results,
    async ({ sandbox, rawInput }) => {
      await stopPodContainers(context, sandbox.id, options.time)
      await removePodCgroup(context, sandbox.id)
      return { id: sandbox.id, rawInput }
    },
    chosen.errors,
  )
}

/** Carries a verb out on those containers of each pod that are in a state for it. */
const forPods = async (
  context: EngineContext,
  names: string[],
  selection: Selection,
  verb: 'kill' | 'pause' | 'unpause',
  act: (ids: string[]) => Promise<Outcome<Done>>,
): Promise<Outcome<Done>> => {
  const chosen = selectPods(context, names, selection)
  const doing = { kill: 'killing', pause: 'pausing', unpause: 'unpausing' }[verb]
  return forEach(
    chosen.results,
    async ({ sandbox, rawInput }) => {
      syncStates(sandbox)
      const ready = sandbox.containers.filter(({ state }) => may(verb, state.status)).map(({ id }) => id)
      const { errors } = ready.length > 0 ? await act(ready) : { errors: [] }
      const failed = errors.filter(({ code }) => code !== 'state' && code !== 'not-found')
      if (failed.length > 0) {
        throw podFailure(
          doing,
          failed.map((error) => ({ id: error.context.object ?? sandbox.id, error })),
        )
      }
      return { id: sandbox.id, rawInput }
    },
    chosen.errors,
  )
}

export const killPods = (context: EngineContext, names: string[], options: PodKillOptions = {}) =>
  forPods(context, names, options, 'kill', (ids) => killContainers(context, ids, { signal: options.signal }))

export const freezePods = (
  context: EngineContext,
  names: string[],
  options: Selection,
  verb: 'pause' | 'unpause',
) => forPods(context, names, options, verb, (ids) => freezeContainers(context, ids, {}, verb))
