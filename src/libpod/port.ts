import type { Selection } from './api/common'
import type { PortResult } from './api/containers'
import type { EngineContext } from './context'
import { selectContainers } from './select'
import { listPort, publishedPorts } from './show/ports'

/** Published ports of containers; those of their pods where they share its network. */
export const containerPorts = (
  context: EngineContext,
  names: string[],
  options: Selection = {},
): PortResult[] => {
  const { results, errors } = selectContainers(context, names, options)
  if (errors[0]) throw errors[0]
  return results.map(({ sandbox, container }) => ({
    id: container.id,
    name: container.name,
    ports: publishedPorts(sandbox, container).map(listPort),
  }))
}
