import { join } from 'node:path'
import { openLayeredRoot } from '../image/layered-root'
import { type ContainerRecord, readText } from '../state'
import type { EngineContext } from './context'
import { rootReader } from './start/files'
import { writableLayer } from './start/rootfs'

/** The files that may be mounted over the root's own. */
const mounted: Record<string, string> = { '/etc/passwd': 'passwd', '/etc/group': 'group' }

/** Reads small files of a container's root, whether it runs or not, without entering it. */
export const containerReader = async (
  context: EngineContext,
  container: ContainerRecord,
): Promise<(path: string) => string | undefined> => {
  const kernel = await context.kernel()
  const image = container.image && (await (await context.images()).rootfs(container.image.id))
  const { upper } = writableLayer(context, container.id)
  const read = rootReader(openLayeredRoot(kernel, [upper, ...(image?.paths ?? [])]))
  const folder = context.paths.containerRun(container.id)
  return (path) => {
    const own = mounted[path]
    return (own && readText(join(folder, own))) ?? read(path)
  }
}
