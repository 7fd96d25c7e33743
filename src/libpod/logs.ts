import { TspodError } from '../errors'
import { readLogs as readLogFiles } from '../runtime/logs/read-logs'
import type { ContainerRecord, FoundContainer } from '../state'
import { trueState } from '../state'
import type { LogOptions, LogReader } from './api/common'
import type { EngineContext } from './context'
import { selectContainers, selectPod } from './select'
import { logPath } from './start/log'
import { isUp } from './states'
import { waitForContainer } from './wait'

const checkDriver = (container: ContainerRecord): void => {
  const { driver } = container.config.log
  if (driver !== 'none' && driver !== 'passthrough') return
  throw new TspodError(
    'state',
    `this container is using the '${driver}' log driver, cannot read logs: this container is not logging output`,
    { object: container.id },
  )
}

const readAll = async (
  context: EngineContext,
  found: readonly FoundContainer[],
  options: LogOptions,
  read: LogReader,
): Promise<void> => {
  for (const { container } of found) checkDriver(container)
  const sources = found.map((one) => {
    const up = isUp(trueState(one.sandbox, one.container).status)
    const ended = options.follow && up ? waitForContainer(context, one) : Promise.resolve()
    return { path: logPath(context, one.container), ended: ended.catch(() => undefined) }
  })
  const { tail, since, until, follow } = options
  await readLogFiles(sources, { tail, since, until, follow }, (index, record) => {
    const { id, name } = found[index]!.container
    read({
      containerId: id,
      containerName: name,
      containerIndex: index,
      containerCount: found.length,
      ...record,
    })
  })
}

/** Reads the logs of containers, several merged by time, or as their lines arrive. */
export const readLogs = async (
  context: EngineContext,
  names: string[],
  options: LogOptions,
  read: LogReader,
): Promise<void> => {
  const { results, errors } = selectContainers(context, names, { latest: options.latest })
  if (errors[0]) throw errors[0]
  await readAll(context, results, options, read)
}

/** Reads the logs of a pod's containers, or of one of them. */
export const readPodLogs = async (
  context: EngineContext,
  name: string | undefined,
  options: LogOptions & { container?: string },
  read: LogReader,
): Promise<void> => {
  const { sandbox } = selectPod(context, name, options.latest)
  // The infra container prints nothing, but counts: the lines of a pod say whose they are, as Podman's do.
  const members = sandbox.containers
  const wanted = options.container
  const chosen =
    wanted === undefined ? members : members.filter((one) => one.id === wanted || one.name === wanted)
  if (wanted !== undefined && chosen.length === 0) {
    throw new TspodError('not-found', `container ${wanted} is not in pod ${name}: no such container`, {
      object: wanted,
    })
  }
  await readAll(
    context,
    chosen.map((container) => ({ sandbox, container })),
    options,
    read,
  )
}
