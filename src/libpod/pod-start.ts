import type { Done, Outcome, Selection } from './api/common'
import type { PodStartOptions } from './api/pods'
import { startPodContainers } from './container-start'
import type { EngineContext } from './context'
import { forEach } from './outcome'
import { podFailure, stopPodContainers } from './pod-stop'
import { selectPods } from './select'

const start = async (context: EngineContext, id: string): Promise<void> => {
  const failures = await startPodContainers(context, id)
  if (failures.length > 0) throw podFailure('starting', failures)
}

export const startPods = async (
  context: EngineContext,
  names: string[],
  options: PodStartOptions = {},
): Promise<Outcome<Done>> => {
  const chosen = selectPods(context, names, { ...options, idFiles: options.podIdFile })
  return forEach(
    chosen.results,
    async ({ sandbox, rawInput }) => {
      await start(context, sandbox.id)
      return { id: sandbox.id, rawInput }
    },
    chosen.errors,
  )
}

export const restartPods = async (
  context: EngineContext,
  names: string[],
  options: Selection = {},
): Promise<Outcome<Done>> => {
  const chosen = selectPods(context, names, options)
  return forEach(
    chosen.results,
    async ({ sandbox, rawInput }) => {
      await stopPodContainers(context, sandbox.id, undefined, { restarting: true })
      await start(context, sandbox.id)
      return { id: sandbox.id, rawInput }
    },
    chosen.errors,
  )
}
