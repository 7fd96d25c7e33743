import { trueState } from '../state'
import type { Done, Outcome } from './api/common'
import type { RestartOptions } from './api/containers'
import { startContainer } from './container-start'
import type { EngineContext } from './context'
import { forEach } from './outcome'
import { selectContainers } from './select'
import { checkMay } from './states'
import { stopContainer } from './stop'

/** Stops containers where they run, and starts them. */
export const restartContainers = async (
  context: EngineContext,
  names: string[],
  options: RestartOptions = {},
): Promise<Outcome<Done>> => {
  const chosen = selectContainers(context, names, { ...options, idFiles: options.cidfile })
  return forEach(
    chosen.results,
    async ({ sandbox, container, rawInput }) => {
      const { id } = container
      checkMay('restart', id, trueState(sandbox, container).status)
      await stopContainer(context, sandbox.id, id, options.time, { restarting: true })
      const { client } = await startContainer(context, sandbox.id, id)
      client.close()
      return { id, rawInput }
    },
    chosen.errors,
  )
}
