import type { PodOptions } from '../../specgen/context-types'
import type { Done, LogOptions, LogReader, Outcome, PruneOptions, PruneResult, Selection } from './common'
import type { ListPort } from './containers'
import type { PodInspect } from './pod-inspect'

export interface PodCreateOptions extends PodOptions {
  /** Remove the pod that has the name first. */
  replace?: boolean
}

export interface PodStopOptions extends Selection {
  ignore?: boolean
  /** Seconds until SIGKILL; each container's own where missing. */
  time?: number
  /** Files that ids are read from. */
  podIdFile?: string[]
}

export interface PodStartOptions extends Selection {
  podIdFile?: string[]
}

export interface PodKillOptions extends Selection {
  signal?: string
}

export interface PodRemoveOptions extends Selection {
  force?: boolean
  ignore?: boolean
  time?: number
  podIdFile?: string[]
}

export interface PodListOptions {
  filter?: string[]
  latest?: boolean
  /** `created` (default), `id`, `name`, `number`, `status` */
  sort?: string
}

/** One row of `pod ps`, keys as in Podman's `--format json`. */
export interface ListPod {
  Cgroup: string
  Containers: { Id: string; Names: string; Status: string; RestartCount: number }[]
  /** RFC 3339 with nanoseconds. */
  Created: string
  Id: string
  InfraId: string
  Name: string
  Namespace: string
  Networks: string[]
  /** `Created`, `Running`, `Degraded`, `Stopped`, `Exited`, `Paused`, `Error` */
  Status: string
  Labels: Record<string, string> | null
}

export interface PodTopOptions {
  latest?: boolean
  descriptors?: string[]
}

/** The verbs of pods. A pod's failure names the containers that failed in one error. */
export interface PodVerbs {
  /** Makes a pod with its infra container; nothing runs yet. */
  create(options: PodCreateOptions): Promise<{ id: string; warnings: string[] }>
  start(names: string[], options?: PodStartOptions): Promise<Outcome<Done>>
  stop(names: string[], options?: PodStopOptions): Promise<Outcome<Done>>
  restart(names: string[], options?: Selection): Promise<Outcome<Done>>
  kill(names: string[], options?: PodKillOptions): Promise<Outcome<Done>>
  pause(names: string[], options?: Selection): Promise<Outcome<Done>>
  unpause(names: string[], options?: Selection): Promise<Outcome<Done>>
  remove(names: string[], options?: PodRemoveOptions): Promise<Outcome<Done>>
  prune(options?: PruneOptions): Promise<Outcome<PruneResult>>
  list(options?: PodListOptions): Promise<ListPod[]>
  inspect(names: string[], options?: { latest?: boolean }): Promise<Outcome<PodInspect>>
  exists(name: string): Promise<boolean>
  /** Logs of all containers of the pod, or of `container` alone. */
  logs(name: string | undefined, options: LogOptions & { container?: string }, read: LogReader): Promise<void>
  top(name: string | undefined, options?: PodTopOptions): Promise<string[]>
}

export type { ListPort }
