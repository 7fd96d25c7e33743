import type { ContainerConfig, PodRecord } from '../state/types'
import type { CreateContext, PodOptions } from './context-types'

/** Namespaces that `--share` names, in Podman's order. */
export const parseShare = (_share: string | undefined): PodRecord['shared'] => {
  throw new Error('not written yet')
}

/** Whether the pod gets an infra container; refuses options that need one where there is none. */
export const needsInfra = (_options: PodOptions): boolean => {
  throw new Error('not written yet')
}

/** `created` is RFC 3339. The caller sets `infraId` and keeps `cgroupPath` (empty where containers don't go below it). */
export const createPodRecord = (
  _options: PodOptions,
  _context: Pick<CreateContext, 'id' | 'name' | 'host' | 'warn'> & { created: string },
): PodRecord => {
  throw new Error('not written yet')
}

/** Configuration of the pod's infra container. `context.id` is the infra container's, `context.pod.id` the pod's. */
export const createInfraConfig = (_options: PodOptions, _context: CreateContext): ContainerConfig => {
  throw new Error('not written yet')
}
