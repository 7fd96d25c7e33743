import { TspodError } from '../errors'
import type { LogEntry, LogOptions, LogReader } from '../libpod'
import * as flag from './flags'
import { quote } from './go-quote'
import { parseInputTime } from './go-time'
import { ValueError } from './go-values'
import { writeErr, writeOut } from './output'

const SHORT_ID = 12
const RESET = '\x1b[0m'
/** Light grey, red, yellow, blue, magenta, cyan, green: one for each container in turn. */
const COLOURS = [37, 31, 33, 34, 35, 36, 32]

/** The flags of `logs` and `pod logs`. */
export const logFlags = {
  color: flag.bool('A colour for each container'),
  details: flag.bool('Without effect', { hidden: true }),
  follow: flag.bool('Go on as lines arrive', { char: 'f' }),
  names: flag.bool('With several containers, their names in place of their ids', { char: 'n' }),
  since: flag.string('Lines from then on: a time, or how long ago, such as 10m', { value: 'time' }),
  tail: flag.int('The last lines alone, so many of each container', { value: 'lines', default: -1 }),
  timestamps: flag.bool('The time before each line', { char: 't' }),
  until: flag.string('Lines up to then', { value: 'time' }),
}

export interface LogStyle {
  color: boolean
  names: boolean
  timestamps: boolean
}

interface LogValues extends LogStyle {
  follow: boolean
  since?: string
  until?: string
  tail: number
}

function parseTime(text: string | undefined, kind: 'since' | 'until'): Date | undefined {
  if (!text) return undefined
  try {
    return parseInputTime(text, kind)
  } catch (error) {
    if (!(error instanceof ValueError)) throw error
    throw new TspodError('usage', `parsing --${kind} ${quote(text)}: ${error.message}`)
  }
}

/** What the engine reads for the values of the flags. */
export const logOptions = ({ follow, since, until, tail }: LogValues): LogOptions => ({
  follow,
  since: parseTime(since, 'since'),
  until: parseTime(until, 'until'),
  tail,
})

/** A line as the user sees it; with several containers it says whose it is. A part of a line has no end. */
export function logText(entry: LogEntry, style: LogStyle): Buffer {
  let prefix = ''
  if (entry.containerCount > 1)
    prefix += `${style.names ? entry.containerName : entry.containerId.slice(0, SHORT_ID)} `
  if (style.timestamps) prefix += `${entry.time} `
  const colour = style.color ? `\x1b[${COLOURS[entry.containerIndex % COLOURS.length]}m` : ''
  const end = `${style.color ? RESET : ''}${entry.partial ? '' : '\n'}`
  return Buffer.concat([Buffer.from(colour + prefix), entry.message, Buffer.from(end)])
}

/** Prints each line where the container wrote it: to stdout or stderr. */
export function logPrinter(style: LogStyle): LogReader {
  return (entry) => {
    const text = logText(entry, style)
    if (entry.stream === 'stderr') writeErr(text)
    else writeOut(text)
  }
}
