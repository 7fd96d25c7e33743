import { TspodError } from '../errors'
import { noteIntent, syncStates } from '../state'
import type { Done, Outcome, PruneOptions, PruneResult } from './api/common'
import type { PodRemoveOptions } from './api/pods'
import type { EngineContext } from './context'
import { podFilter, statusOfPod } from './filters'
import { forgetContainer, forgetSandbox } from './forget'
import { isGone } from './gone'
import { releaseIdentity } from './identity'
import { forEach } from './outcome'
import { stopPodContainers } from './pod-stop'
import { removeAllDamaged } from './remove-damaged'
import { listSandboxes, selectPods } from './select'
import { isUp } from './states'
import { sweepAbandoned } from './sweep'

const checkRemovable = (containers: { id: string; infra: boolean; state: { status: string } }[]): void => {
  for (const { id, infra, state } of containers) {
    if (infra || !isUp(state.status as never)) continue
    throw new TspodError(
      'state',
      `cannot remove container ${id} as it is ${state.status} - running or paused containers cannot be removed without force: container state improper`,
      { object: id },
    )
  }
}

// Beside other containers, an infra container that runs is part of what the pod's state forbids or allows.
const removeLocked = async (context: EngineContext, id: string): Promise<void> => {
  const { name, done } = await context.state.withSandbox(id, async (locked) => {
    const { sandbox } = locked
    syncStates(sandbox)
    checkRemovable(sandbox.containers)
    const name = sandbox.pod?.name ?? ''
    const done = noteIntent(context.paths.intents, { sandbox: id, id, name })
    // The infra container goes last, as the others join its namespaces.
    for (const container of [...sandbox.containers].reverse())
      await forgetContainer(context, locked, container)
    const cgroup = sandbox.pod?.cgroupPath
    const cgroups = await context.cgroups()
    if (cgroup && cgroups.version !== 'none' && cgroups.exists(cgroup)) cgroups.remove(cgroup)
    forgetSandbox(context, locked)
    return { name, done }
  })
  await releaseIdentity(context, id, name)
  done()
}

/** Removes a pod with its containers; running ones are stopped first where that is forced. */
export const removePod = async (
  context: EngineContext,
  id: string,
  options: Pick<PodRemoveOptions, 'force' | 'time'>,
): Promise<void> => {
  try {
    const sandbox = context.state.read(id)
    if (!sandbox) return
    syncStates(sandbox)
    const others = sandbox.containers.filter(({ infra }) => !infra)
    if (!options.force) checkRemovable(others)
    await stopPodContainers(context, id, options.time)
    await removeLocked(context, id)
  } catch (error) {
    if (!isGone(error)) throw error
  }
}

export const removePods = async (
  context: EngineContext,
  names: string[],
  options: PodRemoveOptions = {},
): Promise<Outcome<Done>> => {
  await sweepAbandoned(context)
  const { rest, removed: damaged } = options.force
    ? await removeAllDamaged(context, names)
    : { rest: names, removed: [] }
  const chosen = selectPods(context, rest, { ...options, idFiles: options.podIdFile })
  const outcome = await forEach(
    chosen.results,
    async ({ sandbox, rawInput }) => {
      await removePod(context, sandbox.id, options)
      return { id: sandbox.id, rawInput }
    },
    chosen.errors,
  )
  return { ...outcome, results: [...damaged, ...outcome.results] }
}

/** Removes all pods that are stopped or exited. */
export const prunePods = async (
  context: EngineContext,
  options: PruneOptions = {},
): Promise<Outcome<PruneResult>> => {
  const matches = podFilter(options.filter ?? [])
  const unused = listSandboxes(context)
    .filter((sandbox) => sandbox.pod)
    .map((sandbox) => ({ sandbox, pod: sandbox.pod! }))
    .filter((found) => ['Stopped', 'Exited'].includes(statusOfPod(found)) && matches(found))
  return forEach(unused, async ({ sandbox }) => {
    await removePod(context, sandbox.id, {})
    return { id: sandbox.id, size: 0 }
  })
}
