import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { isTspodError } from '../errors'
import { monitorErrorLog } from '../runtime/monitor/paths'
import type { EngineContext } from './context'
import { entriesOf } from './damaged'

const SIGKILL_WAIT = 50

const isDamaged = (context: EngineContext, sandboxId: string): boolean => {
  try {
    context.state.read(sandboxId)
    return false
  } catch (error) {
    return isTspodError(error) && error.code === 'damaged'
  }
}

const endProcesses = async (context: EngineContext, paths: readonly string[]): Promise<void> => {
  const cgroups = await context.cgroups()
  if (cgroups.version === 'none') return
  for (const path of paths) {
    if (!cgroups.exists(path)) continue
    cgroups.kill(path)
    await new Promise((resolve) => setTimeout(resolve, SIGKILL_WAIT))
    cgroups.remove(path)
  }
}

const removeTraces = async (context: EngineContext, id: string): Promise<void> => {
  const { tearDown } = await import('../network')
  const kernel = await context.kernel()
  await tearDown(await context.network(), id)
  for (const path of [context.paths.shm(id), join(context.runroot, 'userns', id)]) {
    kernel.unmount(path)
    rmSync(path, { recursive: true, force: true })
  }
  rmSync(context.paths.containerRun(id), { recursive: true, force: true })
  rmSync(context.paths.container(id), { recursive: true, force: true })
}

/**
 * Removes what is left of a sandbox whose document is damaged: what its ids lead to. False where it is not damaged.
 * What was kept outside of tspod's own places can't be known any more.
 */
const removeDamaged = async (context: EngineContext, nameOrId: string): Promise<string | undefined> => {
  const { names, ids, paths } = context.state
  const entry = names.get(nameOrId) ?? ids.get(nameOrId)
  if (!entry || !isDamaged(context, entry.sandbox)) return undefined
  const known = entriesOf(context, entry.sandbox)
  const containers = known.ids.map(({ id }) => id)
  await endProcesses(context, [`/tspod/${entry.sandbox}`, ...containers.map((id) => `/tspod/${id}`)])
  for (const id of containers) await removeTraces(context, id)
  rmSync(paths.sandbox(entry.sandbox), { recursive: true, force: true })
  rmSync(monitorErrorLog(context.runroot, entry.sandbox), { force: true })
  for (const { name, id } of known.names) await names.release(name, id)
  for (const { name, id } of known.ids) await ids.release(name, id)
  return entry.id
}

/** Removes those of the names that lead to damaged documents; the others, and what was removed. */
export const removeAllDamaged = async (
  context: EngineContext,
  given: readonly string[],
): Promise<{ rest: string[]; removed: { id: string; rawInput: string }[] }> => {
  const rest: string[] = []
  const removed: { id: string; rawInput: string }[] = []
  for (const rawInput of given) {
    const id = /^[\w.-]+$/.test(rawInput) ? await removeDamaged(context, rawInput) : undefined
    if (id === undefined) rest.push(rawInput)
    else removed.push({ id, rawInput })
  }
  return { rest, removed }
}
