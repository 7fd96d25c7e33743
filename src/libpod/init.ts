import { TspodError } from '../errors'
import type { Done, Outcome, Selection } from './api/common'
import type { EngineContext } from './context'
import { forEach } from './outcome'
import { selectContainers } from './select'

/** Podman's `init` makes the process and stops short of the command. tspod's init program can't wait there yet. */
export const initContainers = async (
  context: EngineContext,
  names: string[],
  options: Selection = {},
): Promise<Outcome<Done>> => {
  const chosen = selectContainers(context, names, options)
  return forEach(
    chosen.results,
    async ({ container }): Promise<Done> => {
      throw new TspodError(
        'unsupported',
        `container ${container.id}: init is not supported by tspod yet: use start`,
      )
    },
    chosen.errors,
  )
}
