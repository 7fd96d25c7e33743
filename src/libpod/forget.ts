import { rmSync } from 'node:fs'
import { monitorErrorLog } from '../runtime/monitor/paths'
import { type ContainerRecord, type LockedSandbox, noteIntent } from '../state'
import type { EngineContext } from './context'
import { releaseIdentity } from './identity'
import { releaseResources } from './release'

/** Removes a sandbox's document, and what its monitor may have complained of. */
export const forgetSandbox = (context: EngineContext, locked: LockedSandbox): void => {
  locked.remove()
  rmSync(monitorErrorLog(context.runroot, locked.sandbox.id), { force: true })
}

/**
 * Removes a container that has no process from its sandbox, with all that it kept. With the lock held. A stand-alone
 * one takes its sandbox with it.
 */
export const forgetContainer = async (
  context: EngineContext,
  locked: LockedSandbox,
  container: ContainerRecord,
): Promise<void> => {
  const { sandbox } = locked
  const { id, name } = container
  const done = noteIntent(context.paths.intents, { sandbox: sandbox.id, id, name })
  const released = releaseResources(context, sandbox, container)
  rmSync(context.paths.container(container.id), { recursive: true, force: true })
  const [failure] = await released
  if (failure) context.warn(`cleaning up container ${container.id}: ${failure.message}`)
  const cidFile = container.config.annotations['io.podman.annotations.cid-file']
  if (cidFile) rmSync(cidFile, { force: true })
  if (sandbox.pod) {
    sandbox.containers = sandbox.containers.filter(({ id }) => id !== container.id)
    locked.save()
  } else forgetSandbox(context, locked)
  await releaseIdentity(context, id, name)
  done()
}
