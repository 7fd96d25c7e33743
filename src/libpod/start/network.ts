import type { NetworkMode } from '../../network'
import type { ContainerRecord, NetworkState, Sandbox } from '../../state'
import type { EngineContext } from '../context'
import { infraOf } from '../records'
import type { Rollback } from './rollback'

/** Whether the container has a network namespace that is made for it and nobody else. */
const ownsNetwork = (container: ContainerRecord): boolean => {
  const mode = container.config.namespaces.net?.mode
  return mode === 'bridge' || mode === 'none' || mode === 'private'
}

/** The container's mode as src/network has it. */
export const networkModeOf = (container: ContainerRecord): NetworkMode => {
  const { mode, value = '' } = container.config.namespaces.net ?? { mode: 'host' }
  if (mode === 'container') return { mode, container: value }
  if (mode === 'path') return { mode, path: value }
  if (mode === 'none' || mode === 'host' || mode === 'pod') return { mode }
  return { mode: 'bridge', networks: container.config.network.attachments ?? [{ name: 'default' }] }
}

/** The container of the sandbox whose address the given one is reached at. */
export const networkOwner = (sandbox: Sandbox, container: ContainerRecord): ContainerRecord =>
  container.config.namespaces.net?.mode === 'pod' ? (infraOf(sandbox) ?? container) : container

// What is mounted and configured inside must be in the power of the container's root.
const ownedBy = async (context: EngineContext, userns: string | undefined) => {
  if (!userns && !context.rootless) return undefined
  const { createOwnedNetworkNamespace } = await import('../../runtime/namespaces')
  const kernel = await context.kernel()
  return (path: string) => createOwnedNetworkNamespace(kernel, userns, path)
}

/** Makes the container's network namespace with its cards and published ports. */
export const setUpNetwork = async (
  context: EngineContext,
  container: ContainerRecord,
  userns: string | undefined,
  rollback: Rollback,
): Promise<NetworkState | undefined> => {
  if (!ownsNetwork(container)) return undefined
  const { setUp } = await import('../../network')
  const home = await context.network()
  const mode = networkModeOf(container)
  const { state, warnings } = await setUp(home, {
    owner: container.id,
    ownerName: container.name,
    networks: mode.mode === 'bridge' ? mode.networks : [],
    ports: mode.mode === 'bridge' ? container.config.network.ports : [],
    uplink: mode.mode === 'bridge' ? { options: [], ...container.config.network.uplink } : undefined,
    makeNamespace: await ownedBy(context, userns),
  })
  rollback.add('tear down the network', () => tearDownNetwork(context, container))
  for (const warning of warnings) context.warn(warning)
  return state
}

export const tearDownNetwork = async (context: EngineContext, container: ContainerRecord): Promise<void> => {
  if (!ownsNetwork(container)) return
  const { tearDown } = await import('../../network')
  const [failure] = await tearDown(await context.network(), container.id)
  if (failure) throw failure
}
