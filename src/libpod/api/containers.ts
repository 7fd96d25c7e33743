import type { CreateOptions } from '../../specgen/types'
import type {
  AttachStreams,
  Done,
  LogOptions,
  LogReader,
  Outcome,
  PruneOptions,
  PruneResult,
  Selection,
  SessionEnd,
} from './common'
import type { ContainerInspect } from './container-inspect'

/** What is settled outside a container's configuration when it is made. */
export interface ContainerCreateOptions extends CreateOptions {
  /** File to write the id to. It must not exist. */
  cidfile?: string
  /** File to read the pod's id from, in place of `pod`. */
  podIdFile?: string
  /** Remove the container that has the name first. */
  replace?: boolean
}

export interface RunOptions extends ContainerCreateOptions {
  /** Return as soon as the container runs. */
  detach?: boolean
  /** Used where not detached. */
  streams?: AttachStreams
  /** Descriptors to pass as 3, 4, … */
  preserveFds?: number
  /** Called with the id when the container exists, before it starts. */
  onCreated?: (id: string) => void
}

export interface StartOptions extends Selection {
  /** Attach to the one container that is named. */
  streams?: AttachStreams
}

export interface StopOptions extends Selection {
  /** Objects that do not exist are no error. */
  ignore?: boolean
  /** Files that ids are read from. */
  cidfile?: string[]
  /** Seconds until SIGKILL; the container's own where missing. */
  time?: number
}

export interface KillOptions extends Selection {
  /** Name with or without SIG, or number; `KILL` where missing. */
  signal?: string
  cidfile?: string[]
}

export interface RestartOptions extends Selection {
  running?: boolean
  time?: number
  cidfile?: string[]
}

export interface RemoveOptions extends Selection {
  force?: boolean
  /** Also remove what depends on the containers. */
  depend?: boolean
  ignore?: boolean
  cidfile?: string[]
  /** Seconds until SIGKILL with `force`. */
  time?: number
  volumes?: boolean
}

export interface PauseOptions extends Selection {
  cidfile?: string[]
}

export interface WaitOptions {
  /** States or health states to wait for, `stopped` and `exited` where empty. */
  condition?: string[]
  /** Milliseconds between two looks at the states; 250 where missing. */
  interval?: number
  ignore?: boolean
  latest?: boolean
  /** End with the first container that meets a condition. */
  exitFirstMatch?: boolean
  /** Called as each container meets its condition, in the order of the names. */
  onResult?: (result: WaitResult) => void
}

export interface WaitResult {
  id: string
  /** -1 where the container did not end, or its code can't be known. */
  exitCode: number
}

export interface ExecOptions {
  command: string[]
  /** `KEY=VALUE`; those of an env-file first. */
  env?: string[]
  user?: string
  workdir?: string
  tty?: boolean
  interactive?: boolean
  privileged?: boolean
  preserveFds?: number
  latest?: boolean
  cidfile?: string
  /** Through the monitor, without streams; the result has the session's id. */
  detach?: boolean
  streams?: AttachStreams
}

export interface ExecResult {
  /** Id of the session, 64 hex digits. */
  id: string
  exitCode: number
  detached: boolean
}

export interface ListOptions {
  /** Stopped ones too. */
  all?: boolean
  filter?: string[]
  /** The newest in any state. */
  last?: number
  latest?: boolean
  /** Measure the writable layers; slow. */
  size?: boolean
  /** Read the namespaces from /proc. */
  namespace?: boolean
  /** `command`, `created` (default), `id`, `image`, `names`, `pod`, `runningfor`, `size`, `status` */
  sort?: string
  /** Look at the processes again. It always does. */
  sync?: boolean
}

/** Port mappings as Podman prints them in JSON. */
export interface ListPort {
  host_ip: string
  container_port: number
  host_port: number
  range: number
  protocol: string
}

/** One row of `ps`, keys and shapes as in Podman's `--format json`. */
export interface ListContainer {
  AutoRemove: boolean
  Command: string[] | null
  /** RFC 3339 with nanoseconds; Podman prints it as a Unix time in JSON. */
  Created: string
  CreatedAt: string
  CIDFile: string
  Exited: boolean
  /** Unix seconds; -62135596800, Go's zero time, where it has not ended. */
  ExitedAt: number
  ExitCode: number
  ExposedPorts: Record<string, string[]> | null
  Id: string
  Image: string
  ImageID: string
  IsInfra: boolean
  Labels: Record<string, string> | null
  Mounts: string[]
  Names: string[]
  Namespaces: Partial<Record<'Mnt' | 'Cgroup' | 'Ipc' | 'Net' | 'Pidns' | 'Uts' | 'User', string>>
  Networks: string[]
  Pid: number
  Pod: string
  PodName: string
  Ports: ListPort[] | null
  Restarts: number
  /** Bytes. */
  Size: { rootFsSize: number; rwSize: number } | null
  /** Unix seconds. */
  StartedAt: number
  /** `created`, `running`, `exited`, `paused`, … */
  State: string
  /** `Up 3 minutes`, `Exited (0) 2 hours ago`, `Created`. */
  Status: string
}

export interface PortResult {
  id: string
  name: string
  ports: ListPort[]
}

export interface ContainerInspectOptions {
  size?: boolean
  latest?: boolean
}

export interface TopOptions {
  latest?: boolean
  /** Podman's descriptors (`pid`, `hpid`, `args`, …), or ps(1)'s options where they are none. */
  descriptors?: string[]
}

/** The verbs of containers. Names are names, ids, or the beginnings of ids. Errors: TspodError. */
export interface ContainerVerbs {
  /** Makes a container and starts nothing; its id. `pod: 'new:NAME'` makes the pod too. */
  create(options: ContainerCreateOptions): Promise<{ id: string; warnings: string[] }>
  /** Makes a container, starts it, and where attached waits for its end. */
  run(options: RunOptions): Promise<SessionEnd>
  /** Starts containers with what they depend on. Attached: one container, with its exit code. */
  start(names: string[], options?: StartOptions): Promise<Outcome<Done & { exitCode: number }>>
  stop(names: string[], options?: StopOptions): Promise<Outcome<Done>>
  kill(names: string[], options?: KillOptions): Promise<Outcome<Done>>
  restart(names: string[], options?: RestartOptions): Promise<Outcome<Done>>
  pause(names: string[], options?: PauseOptions): Promise<Outcome<Done>>
  unpause(names: string[], options?: PauseOptions): Promise<Outcome<Done>>
  remove(names: string[], options?: RemoveOptions): Promise<Outcome<Done>>
  /** Podman's `init`: what start does short of the command. */
  init(names: string[], options?: Selection): Promise<Outcome<Done>>
  rename(name: string, newName: string): Promise<Done>
  prune(options?: PruneOptions): Promise<Outcome<PruneResult>>
  wait(names: string[], options?: WaitOptions): Promise<Outcome<WaitResult>>
  attach(name: string | undefined, options: { latest?: boolean; streams: AttachStreams }): Promise<SessionEnd>
  exec(name: string | undefined, options: ExecOptions): Promise<ExecResult>
  /** Reads or follows logs; with several containers merged by time, or as lines arrive. */
  logs(names: string[], options: LogOptions, read: LogReader): Promise<void>
  /** Lines of columns parted by tabs, as Podman's; the first is the heading. */
  top(name: string | undefined, options?: TopOptions): Promise<string[]>
  port(names: string[], options?: Selection): Promise<PortResult[]>
  list(options?: ListOptions): Promise<ListContainer[]>
  inspect(names: string[], options?: ContainerInspectOptions): Promise<Outcome<ContainerInspect>>
  exists(name: string): Promise<boolean>
}
