import type { ContainerRecord, Sandbox } from '../state'
import { infraOf } from './records'

/** Ids of the containers that must run before this one: those whose namespaces it joins, and those it requires. */
export const dependenciesOf = (sandbox: Sandbox, container: ContainerRecord): string[] => {
  const modes = Object.values(container.config.namespaces)
  const joined = modes.flatMap(({ mode, value }) => (mode === 'container' && value ? [value] : []))
  const infra = infraOf(sandbox)
  // A member needs the infra container even where it shares nothing with it: it stands for the pod.
  const own = infra && infra.id !== container.id ? [infra.id] : []
  return [...new Set([...own, ...joined, ...container.config.requires])]
}

/** Which containers depend on which: for each id, those that name it. The infra container is left out. */
export const dependents = (sandboxes: readonly Sandbox[]): Map<string, string[]> => {
  const found = new Map<string, string[]>()
  for (const sandbox of sandboxes) {
    const infraId = sandbox.pod?.infraId
    for (const container of sandbox.containers) {
      for (const id of dependenciesOf(sandbox, container)) {
        if (id !== infraId) found.set(id, [...(found.get(id) ?? []), container.id])
      }
    }
  }
  return found
}

/**
 * Containers of a sandbox in an order in which each comes after those it depends on. What is part of a circle comes
 * last, in the order of the document.
 */
export const startOrder = (sandbox: Sandbox): ContainerRecord[] => {
  const own = new Map(sandbox.containers.map((container) => [container.id, container]))
  const ordered: ContainerRecord[] = []
  const placed = new Set<string>()
  let rest = sandbox.containers
  while (rest.length > 0) {
    const ready = rest.filter((container) =>
      dependenciesOf(sandbox, container).every((id) => placed.has(id) || !own.has(id)),
    )
    if (ready.length === 0) return [...ordered, ...rest]
    for (const container of ready) {
      ordered.push(container)
      placed.add(container.id)
    }
    rest = rest.filter(({ id }) => !placed.has(id))
  }
  return ordered
}
