import type { ContainerConfig } from '../state/types'
import type { SpecFacts } from './context-types'
import type { OciSpec } from './types'

/** Links that every container's /dev has: `[path, target]`. */
export const defaultDeviceLinks: readonly (readonly [string, string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/core', '/proc/kcore'],
  ['/dev/ptmx', 'pts/ptmx'],
]

/** The OCI runtime spec (config.json) of one start of a container. */
export const generateSpec = (_config: ContainerConfig, _facts: SpecFacts): OciSpec => {
  throw new Error('not written yet')
}
