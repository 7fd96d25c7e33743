import { type FSWatcher, watch } from 'node:fs'
import { untilConverted } from './backlog-format'
import type { LogFileReader } from './log-file-reader'
import type { LogSource, ReadLogsOptions, RecordSink } from './options'

/** Milliseconds between looks at a log that nobody tells us about: one that is not there yet, or was replaced. */
const INTERVAL = 250
/** Longest time that a timer takes. */
const LONGEST_TIMER = 2 ** 31 - 1

const watchFile = (path: string, changed: () => void): FSWatcher | undefined => {
  try {
    return watch(path, { persistent: false }, changed).on('error', () => {})
  } catch {
    return undefined
  }
}

/** Follows one log until its container is down or `stopped` settles. */
const followOne = async (
  source: LogSource,
  reader: LogFileReader,
  stopped: Promise<unknown>,
  take: () => void,
): Promise<void> => {
  let wake: () => void = () => {}
  let watcher = watchFile(source.path, () => wake())
  let over = false
  const end = () => {
    over = true
    wake()
  }
  void Promise.race([source.ended ?? stopped, stopped]).then(end, end)
  try {
    for (;;) {
      const last = over
      if (last) await untilConverted(source.path)
      take()
      if (reader.renewed()) {
        watcher?.close()
        watcher = watchFile(source.path, () => wake())
        take()
      }
      if (last) return
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, INTERVAL)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
        if (over) wake()
      })
    }
  } finally {
    watcher?.close()
  }
}

const whenStopped = ({
  until,
  signal,
}: ReadLogsOptions): { stopped: Promise<unknown>; clear: () => void } => {
  let timer: NodeJS.Timeout | undefined
  const stopped = new Promise<void>((resolve) => {
    if (signal?.aborted) resolve()
    signal?.addEventListener('abort', () => resolve(), { once: true })
    if (until) timer = setTimeout(resolve, Math.min(LONGEST_TIMER, Math.max(0, until.getTime() - Date.now())))
  })
  return { stopped, clear: () => clearTimeout(timer) }
}

/** Hands on what is written to the logs from where their readers are. */
export const followLogs = async (
  sources: readonly LogSource[],
  readers: readonly LogFileReader[],
  options: ReadLogsOptions,
  sink: RecordSink,
): Promise<void> => {
  const { stopped, clear } = whenStopped(options)
  const takeAll = (reader: LogFileReader, index: number) => () => {
    for (let record = reader.next(); record; record = reader.next()) sink(index, record)
  }
  try {
    await Promise.all(
      sources.map((source, index) =>
        followOne(source, readers[index]!, stopped, takeAll(readers[index]!, index)),
      ),
    )
  } finally {
    clear()
  }
}
