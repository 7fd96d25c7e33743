import { TspodError } from '../errors'
import { type ContainerRecord, findContainer, newId, trueState } from '../state'
import type { AttachStreams, Done, Outcome, SessionEnd } from './api/common'
import type { RunOptions, StartOptions } from './api/containers'
import { createContainer } from './container-create'
import { startContainer } from './container-start'
import type { EngineContext } from './context'
import { connectMonitor, type MonitorLink, spawnMonitor } from './monitor'
import { forEach } from './outcome'
import { selectContainer, selectContainers } from './select'
import { followContainer, openForeground, sessionEnd } from './session'
import { settleContainer } from './settle'
import { asStartFailure } from './start-failure'
import { checkMay } from './states'

interface Started {
  sandboxId: string
  container: ContainerRecord
  /** A monitor that is coming up already. */
  link?: MonitorLink
}

const processOf = (context: EngineContext, sandboxId: string, id: string) =>
  context.state.read(sandboxId)?.containers.find((container) => container.id === id)?.state.process

/** Starts a container with our streams, and sees it to its end. */
const startAttached = async (
  context: EngineContext,
  { sandboxId, container, link: early }: Started,
  streams: AttachStreams,
): Promise<SessionEnd> => {
  const kernel = await context.kernel()
  const { id } = container
  // Whoever restarts it, or shares its pod, needs the monitor's eyes: then the monitor cleans up.
  const settles = container.config.restart.name === 'no'
  let foreground: ReturnType<typeof openForeground> | undefined
  try {
    const link = await startContainer(context, sandboxId, id, {
      link: early,
      attach: (client) => {
        foreground = openForeground(kernel, client, container, streams)
        foreground.takeTerminal()
        return { streams: foreground.wanted, settle: settles ? 'client' : undefined }
      },
    })
    const process = processOf(context, sandboxId, id)
    if (!foreground || !process) throw new TspodError('system', `container ${id} is gone`)
    const outcome = await followContainer(kernel, link.client, foreground, { id, process })
    if (settles && outcome.reason === 'exit') {
      await settleContainer(context, sandboxId, id, outcome.exit)
      await link.client.call('settled', { containerId: id })
    }
    link.client.close()
    return sessionEnd(id, outcome)
  } finally {
    foreground?.close()
  }
}

const startRun = async (
  context: EngineContext,
  started: Started,
  options: RunOptions,
): Promise<SessionEnd> => {
  const { id } = started.container
  try {
    if (!options.detach) return await startAttached(context, started, options.streams ?? {})
    const { client } = await startContainer(context, started.sandboxId, id, { link: started.link })
    client.close()
    return { id, exitCode: 0, detached: true }
  } catch (error) {
    throw asStartFailure(error)
  }
}

/** Makes a container and starts it. The monitor of a stand-alone one comes up while it is being made. */
export const runContainer = async (context: EngineContext, options: RunOptions): Promise<SessionEnd> => {
  if (options.preserveFds)
    throw new TspodError('unsupported', '--preserve-fds is not supported by tspod run yet')
  const id = newId()
  const alone = !options.pod && !options.podIdFile
  const link = alone
    ? spawnMonitor(context, await context.kernel(), { id, name: options.name ?? id.slice(0, 12) })
    : undefined
  try {
    const created = await createContainer(context, options, { id })
    for (const warning of created.warnings) context.warn(warning)
    options.onCreated?.(created.id)
    const { container } = findContainer(context.state, created.id)
    return await startRun(context, { sandboxId: created.sandboxId, container, link }, options)
  } catch (error) {
    link?.client.close()
    throw error
  }
}

const alreadyRuns = (error: unknown): boolean =>
  error instanceof TspodError && error.code === 'state' && error.message.endsWith('container is running')

// As Podman says it, for `start` alone.
const startFailure = (id: string, error: unknown): unknown =>
  error instanceof TspodError
    ? new TspodError(error.code, `unable to start container "${id}": ${error.message}`, error.context, error)
    : error

const startDetached = async (context: EngineContext, sandboxId: string, id: string): Promise<void> => {
  const { client } = await startContainer(context, sandboxId, id)
  client.close()
}

/** Starts containers; one of them attached where streams are given. */
export const startContainers = async (
  context: EngineContext,
  names: string[],
  options: StartOptions = {},
): Promise<Outcome<Done & { exitCode: number }>> => {
  const chosen = selectContainers(context, names, options)
  return forEach(
    chosen.results,
    async ({ sandbox, container, rawInput }) => {
      const { id } = container
      if (options.streams) {
        const { exitCode } = await startAttached(
          context,
          { sandboxId: sandbox.id, container },
          options.streams,
        )
        return { id, rawInput, exitCode }
      }
      try {
        await startDetached(context, sandbox.id, id)
      } catch (error) {
        if (!alreadyRuns(error)) throw startFailure(id, error)
        // With --all, those alone that were started are told.
        if (options.all) return undefined
      }
      return { id, rawInput, exitCode: 0 }
    },
    chosen.errors,
  )
}

/** Attaches to a container that runs. */
export const attachContainer = async (
  context: EngineContext,
  name: string | undefined,
  options: { latest?: boolean; streams: AttachStreams },
): Promise<SessionEnd> => {
  const { sandbox, container } = selectContainer(context, name, options.latest)
  const { id } = container
  const state = trueState(sandbox, container)
  checkMay('attach', id, state.status)
  const kernel = await context.kernel()
  const client = await connectMonitor(context, sandbox)
  if (!client || !state.process)
    throw new TspodError('system', `the monitor of container ${id} is gone`, { object: id })
  const foreground = openForeground(kernel, client, container, options.streams)
  try {
    foreground.takeTerminal()
    await client.call('attach', { containerId: id, streams: foreground.wanted })
    const outcome = await followContainer(kernel, client, foreground, { id, process: state.process })
    // What is asked about the container next is to find its end.
    if (outcome.reason === 'exit' && container.config.restart.name === 'no')
      await client.call('wait', { containerId: id, until: 'settled' }).catch(() => undefined)
    return sessionEnd(id, outcome)
  } finally {
    foreground.close()
    client.close()
  }
}
