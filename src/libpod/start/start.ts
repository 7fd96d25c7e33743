import { isTspodError, TspodError } from '../../errors'
import type { ProcessId } from '../../kernel'
import type { AttachStreams } from '../../runtime/messages'
import { type ContainerRecord, type LockedSandbox, nowRfc3339 } from '../../state'
import type { EngineContext } from '../context'
import type { MonitorLink } from '../monitor'
import { releaseResources } from '../release'
import { checkMay } from '../states'
import { type Prepared, prepareContainer } from './prepare'
import { createRollback, type Rollback } from './rollback'

const SIGKILL = 9

/** How a start is attached. */
export interface StartAttached {
  streams: AttachStreams
  /** The client cleans up after the end. */
  settle?: 'client'
}

// An end that nobody saw leaves network, cgroup and mounts behind.
const clearLeftovers = async (
  context: EngineContext,
  locked: LockedSandbox,
  container: ContainerRecord,
): Promise<void> => {
  const { network, startedAt, status } = container.state
  if (!network && !startedAt && status !== 'initialized') return
  const [failure] = await releaseResources(context, locked.sandbox, container)
  if (failure) throw failure
}

const publish = async (
  link: MonitorLink,
  container: ContainerRecord,
  { network }: Prepared,
  rollback: Rollback,
): Promise<void> => {
  if (!network || network.ports.length === 0) return
  const targets = network.networks.map(({ address }) => address.split('/')[0] ?? '')
  const { netns: namespace, ports } = network
  await link.client.call('publish', { containerId: container.id, namespace, ports, targets })
  rollback.add('take back the ports', async () => {
    await link.client.call('publish', { containerId: container.id, namespace, ports: [], targets: [] })
  })
}

const markRunning = (container: ContainerRecord, process: ProcessId, monitor: ProcessId): void => {
  Object.assign(container.state, {
    status: 'running',
    process,
    monitor,
    startedAt: nowRfc3339(),
    finishedAt: undefined,
    exitCode: 0,
    oomKilled: false,
    error: '',
    restartCount: 0,
    stoppedByUser: false,
    restarting: undefined,
    awaitsRestart: undefined,
    execIds: [],
  })
}

const launchContainer = async (
  context: EngineContext,
  locked: LockedSandbox,
  container: ContainerRecord,
  link: MonitorLink,
  attached: StartAttached | undefined,
  rollback: Rollback,
): Promise<void> => {
  const size = attached?.streams.size
  const prepared = await prepareContainer(context, locked.sandbox, container, rollback, size)
  await publish(link, container, prepared, rollback)
  // From here on its monitor may be all that knows of it, should this command be killed.
  Object.assign(container.state, { status: 'initialized', process: undefined, monitor: link.process })
  locked.sandbox.monitor = link.process
  locked.save({ lasting: false })
  const run = { ...prepared.run, stdinOnce: attached?.streams.stdin ?? false }
  const { process } = await link.client.call('start', {
    run,
    attach: attached?.streams,
    settle: attached?.settle,
  })
  const kernel = await context.kernel()
  rollback.add('end the process', () => {
    kernel.signal(process, SIGKILL)
  })
  markRunning(container, process, link.process)
  if (locked.sandbox.pod) locked.sandbox.pod.stoppedByUser = false
  locked.save()
}

/** Takes up a start whose command was killed before it could write down that it had succeeded. */
const takeUp = async (
  locked: LockedSandbox,
  container: ContainerRecord,
  link: MonitorLink,
): Promise<boolean> => {
  if (container.state.status !== 'initialized') return false
  const { containers } = await link.client.call('status', {})
  const running = containers.find(({ containerId }) => containerId === container.id)
  if (!running) return false
  markRunning(container, running.process, link.process)
  locked.save()
  return true
}

// The kernel kills an init that gets no memory, and nobody else tells why it ended.
const explain = async (
  context: EngineContext,
  container: ContainerRecord,
  error: unknown,
): Promise<unknown> => {
  const { cgroupPath } = container.state
  const limit = container.config.resources.memory
  if (limit === undefined || !cgroupPath || !isTspodError(error) || error.code !== 'system') return error
  const cgroups = await context.cgroups()
  if (!cgroups.exists(cgroupPath) || cgroups.oomKills(cgroupPath) === 0) return error
  const text = `a memory limit of ${limit} bytes is too low to start container ${container.id}`
  return new TspodError('invalid', text, { object: container.id }, error)
}

/**
 * Starts one container of a sandbox whose lock is held, and writes that down. What it depends on runs. On a failure
 * everything is undone, and the document tells why.
 */
export const startLocked = async (
  context: EngineContext,
  locked: LockedSandbox,
  container: ContainerRecord,
  link: MonitorLink,
  attached?: StartAttached,
): Promise<void> => {
  checkMay('start', container.id, container.state.status)
  if (await takeUp(locked, container, link)) return
  await clearLeftovers(context, locked, container)
  const before = structuredClone(container.state)
  const rollback = createRollback()
  try {
    await launchContainer(context, locked, container, link, attached, rollback)
  } catch (cause) {
    const error = await explain(context, container, cause)
    for (const { message } of await rollback.run()) context.warn(message)
    container.state = {
      ...before,
      status: before.status === 'initialized' ? 'created' : before.status,
      network: undefined,
      error: isTspodError(error) ? error.message : String(error),
    }
    locked.save()
    throw error
  }
}
