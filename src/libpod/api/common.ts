import type { TspodError } from '../../errors'

/**
 * What a verb over several objects gives: it does all it can. `errors` are in the order of the objects; the command
 * prints `results`, then throws `new ManyErrors(errors)`.
 */
export interface Outcome<T> {
  results: T[]
  errors: TspodError[]
}

/** One object that a verb was carried out on. */
export interface Done {
  /** Full id. */
  id: string
  /** What the user called it by; the full id where it was chosen by `--all`, `--latest` or a filter. */
  rawInput: string
}

/** Which objects a verb is for, beside those that are named. */
export interface Selection {
  all?: boolean
  /** The one that was created last. */
  latest?: boolean
  /** `key=value`, as `--filter` has them. */
  filter?: string[]
}

/** `tspod`'s own descriptors that a container is attached to. Those left out are not attached. */
export interface AttachStreams {
  /** Read from; for a terminal it is put into raw mode by the engine, and restored. */
  stdin?: number
  stdout?: number
  stderr?: number
  /** Podman's notation, `ctrl-p,ctrl-q` by default; `''` for none. */
  detachKeys?: string
  /** Pass SIGINT, SIGTERM and the like on to the process. Default true, except for a terminal. */
  sigProxy?: boolean
}

/** How an attached session ended. */
export interface SessionEnd {
  id: string
  /** Exit code of the process; 0 after a detach. */
  exitCode: number
  /** The user typed the detach keys: the process runs on. */
  detached: boolean
}

export interface LogOptions {
  /** Go on as lines arrive, until all containers have ended. */
  follow?: boolean
  since?: Date
  until?: Date
  /** Last lines; below 0 for all. */
  tail?: number
  latest?: boolean
}

/** One line, or a part of one, of a container's output. */
export interface LogEntry {
  containerId: string
  containerName: string
  /** Place of the container among those that are read, from 0, and how many those are. */
  containerIndex: number
  containerCount: number
  /** RFC 3339 with nanoseconds and offset. */
  time: string
  stream: 'stdout' | 'stderr'
  /** The line goes on in the next entry of that stream. */
  partial: boolean
  /** Without the line's end. */
  message: Uint8Array
}

export type LogReader = (entry: LogEntry) => void

export interface PruneOptions {
  /** `label=…`, `until=…` */
  filter?: string[]
}

export interface PruneResult {
  id: string
  /** Bytes that were freed. */
  size: number
}
