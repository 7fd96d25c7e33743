import { setImmediate as nextTurn } from 'node:timers/promises'
import { untilConverted } from './backlog-format'
import { followLogs } from './follow'
import { LogFileReader } from './log-file-reader'
import type { LogSource, ReadLogsOptions, RecordSink } from './options'
import type { LogRecord } from './record'
import { compareMoments, createTimeParser, type Moment, momentOf } from './time'

/** Records between two looks at the event loop, so that signals are answered within milliseconds. */
const BATCH = 4096

interface Head {
  index: number
  reader: LogFileReader
  record: LogRecord
  moment: Moment
}

const createFilter = ({ since, until }: ReadLogsOptions): ((record: LogRecord) => boolean) | undefined => {
  if (!since && !until) return undefined
  const parse = createTimeParser()
  const first = since && momentOf(since)
  const last = until && momentOf(until)
  return ({ time }) => {
    const moment = parse(time)
    return (!first || compareMoments(moment, first) > 0) && (!last || compareMoments(moment, last) < 0)
  }
}

const readOne = async (reader: LogFileReader, take: (record: LogRecord) => void): Promise<void> => {
  for (let count = 1; ; count++) {
    const record = reader.next()
    if (!record) return
    take(record)
    if (count % BATCH === 0) await nextTurn()
  }
}

/** Reads several logs in the order of time. Records of one log keep their order. */
const readMerged = async (readers: LogFileReader[], sink: RecordSink): Promise<void> => {
  const parsers = readers.map(() => createTimeParser())
  const advance = (index: number, reader: LogFileReader): Head | undefined => {
    const record = reader.next()
    return record && { index, reader, record, moment: parsers[index]!(record.time) }
  }
  const heads = readers.flatMap((reader, index) => advance(index, reader) ?? [])
  for (let count = 1; heads.length > 0; count++) {
    let least = 0
    for (let at = 1; at < heads.length; at++) {
      if (compareMoments(heads[at]!.moment, heads[least]!.moment) < 0) least = at
    }
    const { index, reader, record } = heads[least]!
    sink(index, record)
    const next = advance(index, reader)
    if (next) heads[least] = next
    else heads.splice(least, 1)
    if (count % BATCH === 0) await nextTurn()
  }
}

/**
 * Reads the logs of containers, several merged by time. With `follow`, what arrives later comes as it arrives, until
 * every container is down, `until` has passed, or the signal is given.
 */
export const readLogs = async (
  sources: readonly LogSource[],
  options: ReadLogsOptions,
  sink: RecordSink,
): Promise<void> => {
  await Promise.all(sources.map(({ path }) => untilConverted(path)))
  const readers = sources.map(({ path }) => new LogFileReader(path, options.tail))
  const wanted = createFilter(options)
  const filtered: RecordSink = wanted ? (index, record) => wanted(record) && sink(index, record) : sink
  try {
    const [only] = readers
    if (only && readers.length === 1) await readOne(only, (record) => filtered(0, record))
    else await readMerged(readers, filtered)
    if (options.follow) await followLogs(sources, readers, options, filtered)
  } finally {
    for (const reader of readers) reader.close()
  }
}

export type { LogSource, ReadLogsOptions, RecordSink } from './options'
