import { TspodError } from '../errors'
import type { FoundContainer } from '../state'
import type { Done, Outcome, PruneOptions, PruneResult } from './api/common'
import type { RemoveOptions } from './api/containers'
import type { EngineContext } from './context'
import { dependents } from './dependencies'
import { pruneFilter } from './filters'
import { forgetContainer } from './forget'
import { isGone } from './gone'
import { forEach } from './outcome'
import { removePod } from './pod-remove'
import { removeAllDamaged } from './remove-damaged'
import { listSandboxes, selectContainers, withTrueStates } from './select'
import { writableSize } from './sizes'
import { isUp } from './states'
import { lockedContainer, stopContainer } from './stop'
import { sweepAbandoned } from './sweep'

type Depending = ReturnType<typeof dependents>

const IMPROPER = 'container state improper'

const checkDown = (id: string, status: string): void => {
  throw new TspodError(
    'state',
    `cannot remove container ${id} as it is ${status} - running or paused containers cannot be removed without force: ${IMPROPER}`,
    { object: id },
  )
}

const thawForKill = async (context: EngineContext, sandboxId: string, id: string): Promise<void> => {
  const cgroups = await context.cgroups()
  const kernel = await context.kernel()
  await context.state.withSandbox(sandboxId, (locked) => {
    const { state } = lockedContainer(locked, id)
    if (state.status !== 'paused') return
    if (state.process) kernel.signal(state.process, 9)
    if (state.cgroupPath) cgroups.thaw(state.cgroupPath)
    state.status = 'running'
  })
}

/** Removes one container, stopping it first where that is forced. */
const removeOne = async (
  context: EngineContext,
  sandboxId: string,
  id: string,
  options: RemoveOptions,
): Promise<void> => {
  try {
    if (options.force) {
      await thawForKill(context, sandboxId, id)
      await stopContainer(context, sandboxId, id, options.time)
    }
    await context.state.withSandbox(sandboxId, async (locked) => {
      const container = lockedContainer(locked, id)
      const { status } = container.state
      if (isUp(status)) checkDown(id, status)
      await forgetContainer(context, locked, container)
    })
  } catch (error) {
    // With --rm its monitor may have been faster.
    if (!isGone(error)) throw error
  }
}

const withDependents = (id: string, depending: Depending): string[] => [
  ...(depending.get(id) ?? []).flatMap((other) => withDependents(other, depending)),
  id,
]

const checkDependents = (id: string, depending: Depending, removed: ReadonlySet<string>): void => {
  const left = (depending.get(id) ?? []).filter((other) => !removed.has(other))
  if (left.length === 0) return
  throw new TspodError(
    'in-use',
    `container ${id} has dependent containers which must be removed before it: ${left.join(', ')}: container already exists`,
    { object: id },
  )
}

const removeInfra = async (
  context: EngineContext,
  { sandbox, container }: FoundContainer,
  options: RemoveOptions,
) => {
  if (!options.depend) {
    throw new TspodError(
      'in-use',
      `container ${container.id} is the infra container of pod ${sandbox.id} and cannot be removed without removing the pod`,
      { object: container.id },
    )
  }
  await removePod(context, sandbox.id, { force: options.force, time: options.time })
}

const sandboxOf = (found: readonly FoundContainer[], id: string): string | undefined =>
  found.find(({ container }) => container.id === id)?.sandbox.id

// Those that depend on others go first, so that the order in which a user names them does not matter.
const inOrder = <T extends FoundContainer>(chosen: readonly T[], depending: Depending): T[] => {
  const depth = (id: string): number =>
    1 + Math.max(-1, ...(depending.get(id) ?? []).map((other) => depth(other)))
  return [...chosen].sort((a, b) => depth(a.container.id) - depth(b.container.id))
}

export const removeContainers = async (
  context: EngineContext,
  names: string[],
  options: RemoveOptions = {},
): Promise<Outcome<Done>> => {
  const choice = { ...options, ignore: options.ignore || options.force, idFiles: options.cidfile }
  await sweepAbandoned(context)
  const { rest, removed: damaged } = options.force
    ? await removeAllDamaged(context, names)
    : { rest: names, removed: [] }
  const chosen = selectContainers(context, rest, choice)
  const sandboxes = listSandboxes(context)
  const depending = dependents(sandboxes)
  const known = sandboxes.flatMap((sandbox) =>
    sandbox.containers.map((container) => ({ sandbox, container })),
  )
  const removed = new Set<string>()
  const independent = depending.size === 0
  const outcome = await forEach(
    inOrder(
      chosen.results.filter(({ container }) => !(options.all && container.infra)),
      depending,
    ),
    async ({ sandbox, container, rawInput }) => {
      if (removed.has(container.id)) return { id: container.id, rawInput }
      if (container.infra) await removeInfra(context, { sandbox, container }, options)
      else {
        if (!options.depend) checkDependents(container.id, depending, removed)
        const ids = options.depend ? withDependents(container.id, depending) : [container.id]
        for (const id of ids) {
          await removeOne(context, sandboxOf(known, id) ?? sandbox.id, id, options)
          removed.add(id)
        }
      }
      return { id: container.id, rawInput }
    },
    chosen.errors,
    independent ? undefined : 1,
  )
  return { ...outcome, results: [...damaged, ...outcome.results] }
}

/** Removes all containers that don't run. */
export const pruneContainers = async (
  context: EngineContext,
  options: PruneOptions = {},
): Promise<Outcome<PruneResult>> => {
  const matches = pruneFilter(context, options.filter ?? [])
  const unused = withTrueStates(listSandboxes(context)).filter(
    (found) => !found.container.infra && !isUp(found.container.state.status) && matches(found),
  )
  return forEach(unused, async ({ sandbox, container }) => {
    const size = writableSize(context, container.id)
    await removeOne(context, sandbox.id, container.id, {})
    return { id: container.id, size }
  })
}
