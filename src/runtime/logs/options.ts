import type { LogRecord } from './record'

/** The log of one container. */
export interface LogSource {
  path: string
  /** For following: settles when the container is down, so that its log is whole. */
  ended?: Promise<unknown>
}

export interface ReadLogsOptions {
  /** Last lines of each source; below 0 or missing for all. */
  tail?: number
  /** Only what is later, only what is earlier. */
  since?: Date
  until?: Date
  /** Go on as lines arrive, until all sources have ended. */
  follow?: boolean
  /** Gives up following. */
  signal?: AbortSignal
}

/** Takes a record of the source with that index. The record is only valid during the call. */
export type RecordSink = (index: number, record: LogRecord) => void
