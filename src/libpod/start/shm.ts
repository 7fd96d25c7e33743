import { mkdirSync, rmdirSync } from 'node:fs'
import { MS } from '../../kernel/constants'
import { type ContainerRecord, errnoOf, type Sandbox } from '../../state'
import type { EngineContext } from '../context'
import { findLender } from './namespaces'
import type { Rollback } from './rollback'
import { rootIds } from './user-namespace'

/** Others may join the container's IPC namespace, and then see the same /dev/shm. */
const isShared = (container: ContainerRecord): boolean =>
  container.config.namespaces.ipc?.mode === 'shareable'

const rootOwner = (container: ContainerRecord): string => {
  const { uid, gid } = rootIds(container) ?? { uid: 0, gid: 0 }
  return `uid=${uid},gid=${gid}`
}

/** The folder that becomes the container's /dev/shm; undefined where it gets one of its own inside. */
export const prepareShm = async (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
  rollback: Rollback,
): Promise<string | undefined> => {
  if (!isShared(container)) {
    const lender = findLender(context, sandbox, container, 'ipc')
    return lender && isShared(lender.container) ? context.paths.shm(lender.container.id) : undefined
  }
  const kernel = await context.kernel()
  const path = context.paths.shm(container.id)
  mkdirSync(path, { recursive: true, mode: 0o700 })
  // A start that was cut short may have left one.
  kernel.unmount(path)
  const data = `mode=1777,size=${container.config.shmSize},${rootOwner(container)}`
  kernel.mount('shm', path, 'tmpfs', MS.NOSUID | MS.NODEV | MS.NOEXEC, data)
  rollback.add('unmount the shared memory', () => removeShm(context, container))
  return path
}

export const removeShm = async (context: EngineContext, container: ContainerRecord): Promise<void> => {
  if (!isShared(container)) return
  const path = context.paths.shm(container.id)
  ;(await context.kernel()).unmount(path)
  try {
    rmdirSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw error
  }
}
