import { join } from 'node:path'
import type { LogConfig } from '../../runtime/messages'
import type { ContainerRecord } from '../../state'
import type { EngineContext } from '../context'

/** Path of the log that a container writes. */
export const logPath = (context: EngineContext, container: ContainerRecord): string =>
  container.config.log.path || join(context.paths.container(container.id), 'ctr.log')

/** How its monitor keeps what it writes. */
export const logConfig = (context: EngineContext, container: ContainerRecord): LogConfig => {
  const { driver, maxSize } = container.config.log
  if (container.infra || driver === 'none' || driver === 'passthrough') return { driver: 'none' }
  return { driver: 'k8s-file', path: logPath(context, container), maxSize }
}
