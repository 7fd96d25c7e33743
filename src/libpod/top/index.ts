import { readFileSync } from 'node:fs'
import { type ContainerRecord, type FoundContainer, trueState } from '../../state'
import type { TopOptions } from '../api/containers'
import { containerReader } from '../container-root'
import type { EngineContext } from '../context'
import { selectContainer, selectPod } from '../select'
import { checkMay } from '../states'
import { findDescriptors, formatProcesses, type Names } from './descriptors'
import { type IdMaps, namespaceProcesses, pidNamespace } from './processes'
import { psInside } from './ps-inside'

type ReadFile = (path: string) => string | undefined

const readHost: ReadFile = (path) => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

/** Names by number, of a file such as /etc/passwd. */
const namesIn = (text: string | undefined): Map<string, string> =>
  new Map(
    (text ?? '').split('\n').flatMap((line): [string, string][] => {
      const [name, , id] = line.split(':')
      return name && id ? [[id, name]] : []
    }),
  )

const lookup = (read: ReadFile, path: string): ((id: number) => string) => {
  let names: Map<string, string> | undefined
  return (id) => {
    names ??= namesIn(read(path))
    return names.get(String(id)) ?? String(id)
  }
}

const namesOf = async (context: EngineContext, container: ContainerRecord): Promise<Names> => {
  const read = container.infra ? () => undefined : await containerReader(context, container)
  return {
    user: lookup(read, '/etc/passwd'),
    group: lookup(read, '/etc/group'),
    hostUser: lookup(readHost, '/etc/passwd'),
    hostGroup: lookup(readHost, '/etc/group'),
  }
}

const mapsOf = ({ config }: ContainerRecord): IdMaps =>
  config.namespaces.user && config.namespaces.user.mode !== 'host'
    ? { uids: config.uidMappings, gids: config.gidMappings }
    : { uids: [], gids: [] }

/** Lines of the processes in a container's PID namespace. */
export const containerTop = async (
  context: EngineContext,
  name: string | undefined,
  options: TopOptions = {},
): Promise<string[]> => {
  const found = selectContainer(context, name, options.latest)
  const { sandbox, container } = found
  const state = trueState(sandbox, container)
  checkMay('top', container.id, state.status)
  const columns = findDescriptors(options.descriptors ?? [])
  if (!columns) return psInside(context, found, options.descriptors ?? [])
  const processes = namespaceProcesses(state.process?.pid ?? 0, mapsOf(container))
  return formatProcesses(columns, processes, await namesOf(context, container))
}

// Those that share a PID namespace are looked at once.
const byNamespace = (found: readonly FoundContainer[]): FoundContainer[] => {
  const seen = new Set<string | undefined>()
  return found.filter(({ container }) => {
    const namespace = pidNamespace(container.state.process?.pid ?? 0)
    if (namespace === undefined || seen.has(namespace)) return false
    seen.add(namespace)
    return true
  })
}

/** Lines of the processes of all containers of a pod that run. */
export const podTop = async (
  context: EngineContext,
  name: string | undefined,
  options: TopOptions = {},
): Promise<string[]> => {
  const { sandbox } = selectPod(context, name, options.latest)
  const running = sandbox.containers
    .map((container) => ({ sandbox, container: { ...container, state: trueState(sandbox, container) } }))
    .filter(({ container }) => container.state.status === 'running')
  const lines: string[] = []
  for (const { container } of byNamespace(running)) {
    const own = await containerTop(context, container.id, { descriptors: options.descriptors })
    lines.push(...(lines.length > 0 ? own.slice(1) : own))
  }
  return lines
}
