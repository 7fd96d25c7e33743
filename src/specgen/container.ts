import type { ContainerConfig } from '../state/types'
import type { CreateContext } from './context-types'
import type { CreateOptions } from './types'

/** Reads a container's options, with Podman's rules, defaults and error words. */
export const createContainerConfig = (_options: CreateOptions, _context: CreateContext): ContainerConfig => {
  throw new Error('not written yet')
}
