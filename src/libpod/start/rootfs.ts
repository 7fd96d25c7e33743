import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LayeredRoot } from '../../image/layered-root'
import type { Kernel } from '../../kernel'
import type { Rootfs } from '../../runtime/init'
import type { ContainerRecord } from '../../state'
import type { EngineContext } from '../context'
import { giveToContainerRoot, rootIds } from './user-namespace'

export interface PreparedRoot {
  rootfs: Rootfs
  /** The root's files before it is mounted; an infra container's has none. */
  files?: LayeredRoot
}

/** Name of the infra container's program in its root. */
const PAUSE = 'pause'

const pauseRoot = async (kernel: Kernel, container: ContainerRecord): Promise<PreparedRoot> => {
  const { pauseProgram } = await import('../../runtime/init')
  const bytes = pauseProgram(kernel.raw.arch)
  return { rootfs: { kind: 'program', name: PAUSE, bytes, owner: rootIds(container) } }
}

/** The folders of a container's writable layer. */
export const writableLayer = (context: EngineContext, id: string): { upper: string; work: string } => {
  const folder = context.paths.container(id)
  return { upper: join(folder, 'diff'), work: join(folder, 'work') }
}

// Mounting with shifted owners takes root of the host.
const ownersOf = ({ rootless }: EngineContext, { config }: ContainerRecord) =>
  rootless && config.uidMappings.length > 0
    ? { uids: config.uidMappings, gids: config.gidMappings }
    : undefined

const overlayRoot = async (
  context: EngineContext,
  container: ContainerRecord,
  imageId: string,
): Promise<PreparedRoot> => {
  const kernel = await context.kernel()
  const { openLayeredRoot } = await import('../../image/layered-root')
  const image = await (await context.images()).rootfs(imageId, ownersOf(context, container))
  const { upper, work } = writableLayer(context, container.id)
  mkdirSync(upper, { recursive: true, mode: 0o755 })
  mkdirSync(work, { recursive: true, mode: 0o700 })
  giveToContainerRoot(upper, container)
  const { layersDir: layers, lower, paths, userXattr: userxattr } = image
  return {
    rootfs: { kind: 'overlay', layers, lower, upper, work, userxattr },
    files: openLayeredRoot(kernel, [upper, ...paths]),
  }
}

/** What the container's root is made of, and a view of its files. */
export const prepareRoot = async (
  context: EngineContext,
  container: ContainerRecord,
): Promise<PreparedRoot> => {
  if (!container.image) return pauseRoot(await context.kernel(), container)
  return overlayRoot(context, container, container.image.id)
}
