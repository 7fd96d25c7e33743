import type { Kernel } from '../../kernel'
import type { OciResources } from '../../specgen/types'

export type CgroupVersion = 'v1' | 'v2' | 'hybrid' | 'none'

export interface CreatedCgroup {
  /** The `cgroup.procs` files that a process joins by writing `0`. */
  procsFiles: string[]
  /** Limits that this host can't keep and nobody needs for safety. */
  warnings: string[]
}

export interface CgroupStats {
  /** Nanoseconds. */
  cpuUsage: number
  cpuUser: number
  cpuSystem: number
  /** Bytes; the limit is 0 where there is none. */
  memoryUsage: number
  memoryLimit: number
  pids: number
  pidsLimit: number
  blockRead: number
  blockWrite: number
  /** Times the CPU quota stopped it, and nanoseconds it stood still. */
  throttledPeriods: number
  throttledTime: number
}

/** Paths are below every controller's root: `/tspod/<id>`. All calls are synchronous. */
export interface Cgroups {
  readonly version: CgroupVersion
  /** `memory`, `cpu`, `cpuset`, `pids`, `io` (or `blkio`), `devices`, `freezer`: what can be used here. */
  readonly controllers: readonly string[]
  /** Makes the cgroup with its limits. Throws where a limit that was asked for can't be set; nothing is left then. */
  create(path: string, resources: OciResources): CreatedCgroup
  update(path: string, resources: Partial<OciResources>): string[]
  /** Removes the cgroup with those below it, and parents of ours that are empty then. Missing ones are fine. */
  remove(path: string): void
  /** SIGKILL to every process in it and below. */
  kill(path: string): void
  freeze(path: string): void
  thaw(path: string): void
  pids(path: string): number[]
  stats(path: string): CgroupStats
  /** How many processes the kernel killed there for want of memory. */
  oomKills(path: string): number
  exists(path: string): boolean
}

/** Finds out what the host has. Costs one read of /proc/self/mountinfo. */
export const openCgroups = (_kernel: Kernel, _options: { mount?: string } = {}): Cgroups => {
  throw new Error('not written yet')
}
