import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isTspodError, TspodError } from '../errors'
import type { ContainerRecord, Sandbox } from '../state'
import type { EngineContext } from './context'
import { removeCgroup } from './start/cgroup'
import { forgetHost } from './start/files'
import { tearDownNetwork } from './start/network'
import { removeShm } from './start/shm'
import { removeUserNamespace } from './start/user-namespace'

// A command that was killed may have set up what the state does not tell of; the network's own record does.
const hasNetwork = (context: EngineContext, container: ContainerRecord): boolean =>
  container.state.network !== undefined ||
  existsSync(join(context.runroot, 'network', `${container.id}.json`))

/**
 * Gives back what a container had while it ran: cgroup, network, shared memory, files. Goes on after failures and
 * returns them. Whoever comes second finds nothing left to do, so that a command and a monitor may both try. With the
 * sandbox's lock held; the container has no process any more.
 */
export const releaseResources = async (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
): Promise<TspodError[]> => {
  const errors: TspodError[] = []
  const attempt = async (doing: string, act: () => void | Promise<void>) => {
    try {
      await act()
    } catch (error) {
      errors.push(
        isTspodError(error) ? error : new TspodError('system', `${doing}: ${String(error)}`, {}, error),
      )
    }
  }
  // First, and awaited last: the kernel takes its time to delete a network interface.
  const network = hasNetwork(context, container)
    ? attempt('tear down the network', () => tearDownNetwork(context, container))
    : undefined
  await attempt('remove the cgroup', () => removeCgroup(context, container))
  await attempt("leave the pod's hosts file", () => forgetHost(context, sandbox, container))
  await attempt('unmount the shared memory', () => removeShm(context, container))
  await attempt('remove its run folder', () =>
    rmSync(context.paths.containerRun(container.id), { recursive: true, force: true }),
  )
  await network
  // It owns the network namespace.
  await attempt('remove the user namespace', () => removeUserNamespace(context, container))
  if (errors.length === 0) container.state.network = undefined
  return errors
}
