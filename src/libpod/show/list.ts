import { readlinkSync } from 'node:fs'
import { compareTimes, type FoundContainer, nanosOf, ZERO_TIME } from '../../state'
import type { ContainerState } from '../../state/types'
import type { ListContainer, ListOptions } from '../api/containers'
import type { EngineContext } from '../context'
import { containerFilter, networkNames } from '../filters'
import { latestContainer, listSandboxes, withTrueStates } from '../select'
import { imageSize, writableSize } from '../sizes'
import { isDown } from '../states'
import { exposedByPort, listPort, publishedPorts } from './ports'

const unixSeconds = (time: string | undefined): number => Math.floor(Date.parse(time ?? ZERO_TIME) / 1000)

const namespaceKinds = {
  Mnt: 'mnt',
  Cgroup: 'cgroup',
  Ipc: 'ipc',
  Net: 'net',
  Pidns: 'pid',
  Uts: 'uts',
  User: 'user',
} as const

const namespaceNumber = (pid: number, kind: string): string => {
  try {
    return /\[(\d+)\]/.exec(readlinkSync(`/proc/${pid}/ns/${kind}`))?.[1] ?? ''
  } catch {
    return ''
  }
}

const namespaces = ({ process }: ContainerState): ListContainer['Namespaces'] => {
  if (!process) return {}
  const entries = Object.entries(namespaceKinds).map(([key, kind]) => [
    key,
    namespaceNumber(process.pid, kind),
  ])
  return Object.fromEntries(entries)
}

const sizes = async (context: EngineContext, { container }: FoundContainer) => {
  const rwSize = writableSize(context, container.id)
  const base = container.image ? await imageSize(context, container.image.id) : 0
  return { rootFsSize: base + rwSize, rwSize }
}

const orNull = <T extends object>(value: T): T | null => (Object.keys(value).length > 0 ? value : null)

const row = (found: FoundContainer): ListContainer => {
  const { sandbox, container } = found
  const { config, state } = container
  const ports = publishedPorts(sandbox, container).map(listPort)
  return {
    AutoRemove: config.autoRemove,
    Command: config.command.length > 0 ? config.command : container.infra ? [] : null,
    Created: container.created,
    CreatedAt: '',
    CIDFile: config.annotations['io.podman.annotations.cid-file'] ?? '',
    Exited: isDown(state.status),
    ExitedAt: unixSeconds(state.finishedAt),
    ExitCode: state.exitCode,
    ExposedPorts: exposedByPort(config.network.exposed),
    Id: container.id,
    Image: container.image?.name ?? '',
    ImageID: container.image?.id ?? '',
    IsInfra: container.infra,
    Labels: orNull(config.labels),
    Mounts: config.mounts.map(({ destination }) => destination),
    Names: [container.name],
    Namespaces: {},
    Networks: config.namespaces.net?.mode === 'bridge' ? networkNames(found) : [],
    Pid: state.process?.pid ?? 0,
    Pod: sandbox.pod ? sandbox.id : '',
    PodName: sandbox.pod?.name ?? '',
    Ports: ports.length > 0 ? ports : null,
    Restarts: state.restartCount,
    Size: null,
    StartedAt: unixSeconds(state.startedAt),
    State: state.status,
    Status: '',
  }
}

type Order = (a: ListContainer, b: ListContainer) => number

const by =
  (key: (one: ListContainer) => string | number): Order =>
  (a, b) => {
    const [left, right] = [key(a), key(b)]
    return left < right ? -1 : left > right ? 1 : 0
  }

const byCreation: Order = (a, b) => compareTimes(a.Created, b.Created)

// Each time is read once: of two thousand rows, the reading would take longer than all the rest.
const inOrderOfCreation = (rows: ListContainer[]): ListContainer[] =>
  rows
    .map((row) => ({ row, moment: nanosOf(row.Created) }))
    .sort((a, b) => (a.moment < b.moment ? -1 : a.moment > b.moment ? 1 : 0))
    .map(({ row }) => row)

const orders: Record<string, Order> = {
  command: by(({ Command }) => (Command ?? []).join(' ')),
  id: by(({ Id }) => Id),
  image: by(({ Image }) => Image),
  names: by(({ Names }) => Names[0] ?? ''),
  pod: by(({ Pod }) => Pod),
  runningfor: (a, b) => byCreation(b, a),
  size: by(({ Size }) => (Size ? Size.rootFsSize + Size.rwSize : 0)),
  status: by(({ State, StartedAt }) => `${State} ${StartedAt}`),
}

const newestFirst = (a: FoundContainer, b: FoundContainer) =>
  compareTimes(b.container.created, a.container.created)

const choose = (context: EngineContext, options: ListOptions): FoundContainer[] => {
  const { filter = [], last, latest } = options
  if (latest) return withTrueStates([latestContainer(context).sandbox]).filter(isLatest(context))
  const matches = containerFilter(context, filter)
  // Asking for a state means those that don't run, too.
  const all = options.all || (last ?? 0) > 0 || filter.some((text) => text.startsWith('status='))
  const found = withTrueStates(listSandboxes(context)).filter(
    (one) => (all || one.container.state.status === 'running') && matches(one),
  )
  return last ? found.sort(newestFirst).slice(0, last) : found
}

const isLatest = (context: EngineContext) => {
  const { id } = latestContainer(context).container
  return ({ container }: FoundContainer) => container.id === id
}

/** The rows of `ps`. Reads documents and /proc alone, and takes no lock. */
export const listContainers = async (
  context: EngineContext,
  options: ListOptions = {},
): Promise<ListContainer[]> => {
  const rows = await Promise.all(
    choose(context, options).map(async (found) => ({
      ...row(found),
      ...(options.namespace ? { Namespaces: namespaces(found.container.state) } : {}),
      ...(options.size ? { Size: await sizes(context, found) } : {}),
    })),
  )
  const sorted = inOrderOfCreation(rows)
  const order = orders[options.sort ?? 'created']
  return order ? sorted.sort(order) : sorted
}
