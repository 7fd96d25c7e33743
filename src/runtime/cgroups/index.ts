import { accessSync, constants, readFileSync } from 'node:fs'
import { TspodError } from '../../errors'
import type { Kernel } from '../../kernel'
import type { OciResources } from '../../specgen/types'
import { delegatedLayout } from './delegated'
import { CgroupDriver } from './driver'
import { type CgroupFiles, realFiles } from './files'
import { type Hierarchy, type Layout, readLayout } from './layout'
import { isAsked } from './limits'

export type CgroupVersion = 'v1' | 'v2' | 'hybrid' | 'none'

export interface CreatedCgroup {
  /** Files that a process of one thread joins by writing `0`: `tasks` of v1, `cgroup.procs` of v2. */
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
  /** `memory`, `cpu`, `cpuset`, `pids`, `io` (v1: `blkio`), `devices`, `freezer`: what can be used here. */
  readonly controllers: readonly string[]
  readonly hierarchies: readonly Hierarchy[]
  /** Why there are none that can be used. */
  readonly reason?: string
  /** Makes the cgroup with its limits. Throws where a limit that was asked for can't be set; nothing is left then. */
  create(path: string, resources: Partial<OciResources>): CreatedCgroup
  /** Sets limits of one that is there. Warnings. */
  update(path: string, resources: Partial<OciResources>): string[]
  /** Removes the cgroup with those below it, and those above it that are empty then, in `/tspod`. Missing ones are fine. */
  remove(path: string): void
  /** SIGKILL to every process in it and below. */
  kill(path: string): void
  /** Stops every process in it and below, and waits until they stand still. */
  freeze(path: string): void
  thaw(path: string): void
  pids(path: string): number[]
  stats(path: string): CgroupStats
  /** How many processes the kernel killed there for want of memory. */
  oomKills(path: string): number
  exists(path: string): boolean
}

export interface CgroupOptions {
  /** Where control groups are mounted; `/sys/fs/cgroup` where missing. */
  mount?: string
  /** Text of /proc/self/mountinfo, and the way to the files: for tests. */
  mountinfo?: string
  files?: CgroupFiles
  /** For an ordinary user: only what he was given can be used. */
  rootless?: boolean
}

const noStats: CgroupStats = {
  cpuUsage: 0,
  cpuUser: 0,
  cpuSystem: 0,
  memoryUsage: 0,
  memoryLimit: 0,
  pids: 0,
  pidsLimit: 0,
  blockRead: 0,
  blockWrite: 0,
  throttledPeriods: 0,
  throttledTime: 0,
}

/** A host whose control groups can't be used: containers run without, unless somebody asked for a limit. */
const withoutCgroups = (reason: string, quiet = false): Cgroups => {
  const missing = (path: string) =>
    new TspodError('unsupported', `${reason}: ${path} has no control group`, { object: path })
  const refuse = (resources: Partial<OciResources>) => {
    if (isAsked(resources)) throw new TspodError('unsupported', `${reason}: limits can't be kept here`)
    return quiet ? [] : [`${reason}: the container runs without limits`]
  }
  return {
    version: 'none',
    controllers: [],
    hierarchies: [],
    reason,
    create: (_, resources) => ({ procsFiles: [], warnings: refuse(resources) }),
    update: (_, resources) => refuse(resources),
    remove: () => undefined,
    kill: () => undefined,
    freeze: (path) => {
      throw missing(path)
    },
    thaw: (path) => {
      throw missing(path)
    },
    pids: () => [],
    stats: () => ({ ...noStats }),
    oomKills: () => 0,
    exists: () => false,
  }
}

/** Finds out what the host has. Costs one read of /proc/self/mountinfo. */
export const openCgroups = (kernel: Kernel, options: CgroupOptions = {}): Cgroups => {
  const files = options.files ?? realFiles
  const mountinfo = options.mountinfo ?? readFileSync('/proc/self/mountinfo', 'utf8')
  const layout = readLayout(mountinfo, options.mount ?? '/sys/fs/cgroup', (mount) =>
    files.read(`${mount}/cgroup.controllers`),
  )
  if (options.rootless) return openDelegated(kernel, files, layout)
  if (layout.version === 'none') return withoutCgroups(layout.reason ?? 'there are no control groups')
  return new CgroupDriver(kernel, files, layout)
}

const isWritable = (folder: string): boolean => {
  try {
    for (const file of ['', '/cgroup.procs', '/cgroup.subtree_control'])
      accessSync(folder + file, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const openDelegated = (kernel: Kernel, files: CgroupFiles, host: Layout): Cgroups => {
  const layout = delegatedLayout(host, files.read('/proc/self/cgroup'), files, isWritable)
  if (layout.version === 'none') return withoutCgroups(layout.reason ?? 'there are no control groups', true)
  return new DelegatedDriver(kernel, files, layout)
}

/** Loading a filter for devices takes a capability of the host, and a user namespace gives no new device anyway. */
class DelegatedDriver extends CgroupDriver {
  override create(path: string, resources: Partial<OciResources>): CreatedCgroup {
    return super.create(path, { ...resources, devices: undefined })
  }

  override update(path: string, resources: Partial<OciResources>): string[] {
    return super.update(path, { ...resources, devices: undefined })
  }
}

export type { CgroupFiles } from './files'
export type { Hierarchy } from './layout'
