import { chownSync, mkdirSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { ContainerRecord } from '../../state'
import type { EngineContext } from '../context'
import type { Rollback } from './rollback'

const pinPath = (context: EngineContext, id: string): string => join(context.runroot, 'userns', id)

/** Whether the container gets a user namespace that is made for it. */
const ownsUserNamespace = ({ config }: ContainerRecord): boolean =>
  ['private', 'auto'].includes(config.namespaces.user?.mode ?? 'host')

/** Makes and pins the container's own user namespace, if it is to have one; the path. */
export const setUpUserNamespace = async (
  context: EngineContext,
  container: ContainerRecord,
  rollback: Rollback,
): Promise<string | undefined> => {
  if (!ownsUserNamespace(container)) return undefined
  const { createUserNamespace } = await import('../../runtime/namespaces')
  const kernel = await context.kernel()
  const path = pinPath(context, container.id)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  await removeUserNamespace(context, container)
  const { uidMappings: uids, gidMappings: gids } = container.config
  createUserNamespace(kernel, { uids, gids }, path)
  rollback.add('remove the user namespace', () => removeUserNamespace(context, container))
  return path
}

/** The container with the maps of the user namespace that it joins by its path; those of others are known. */
export const withJoinedMaps = async (
  context: EngineContext,
  container: ContainerRecord,
): Promise<ContainerRecord> => {
  const { mode, value } = container.config.namespaces.user ?? { mode: 'host' }
  if (mode !== 'path' || !value) return container
  const { readUserMaps } = await import('../../runtime/namespaces')
  const { uids, gids } = readUserMaps(await context.kernel(), value)
  const config = { ...container.config, uidMappings: [...uids], gidMappings: [...gids] }
  return { ...container, config }
}

/** Lets the pinned namespace go; it ends with its last process. */
export const removeUserNamespace = async (
  context: EngineContext,
  container: ContainerRecord,
): Promise<void> => {
  if (!ownsUserNamespace(container)) return
  const path = pinPath(context, container.id)
  const kernel = await context.kernel()
  kernel.unmount(path)
  rmSync(path, { force: true })
}

const hostIdOf = (rows: ContainerRecord['config']['uidMappings'], id: number): number | undefined => {
  const row = rows.find(({ container, size }) => id >= container && id < container + size)
  return row && row.host + id - row.container
}

/** The host's ids of the root of the container's user namespace; undefined where it has none, or no root in it. */
export const rootIds = ({ config }: ContainerRecord): { uid: number; gid: number } | undefined => {
  const [uid, gid] = [hostIdOf(config.uidMappings, 0), hostIdOf(config.gidMappings, 0)]
  return uid !== undefined && gid !== undefined ? { uid, gid } : undefined
}

/** Gives a file or folder of the host to the root of the container's user namespace. */
export const giveToContainerRoot = (path: string, container: ContainerRecord): void => {
  const ids = rootIds(container)
  if (ids) chownSync(path, ids.uid, ids.gid)
}
