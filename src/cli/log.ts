import { LOG_LEVELS, type LogLevel } from './globals'
import { quote } from './go-quote'
import { formatRfc3339 } from './go-time'
import { writeErr } from './output'

const rank = (level: LogLevel): number => LOG_LEVELS.indexOf(level === 'warn' ? 'warning' : level)

/** A line as logrus writes it: `time="…" level=warning msg="…"`, if the level asked for lets it through. */
export function logLine(level: LogLevel, message: string, threshold: LogLevel): void {
  if (rank(level) < rank(threshold)) return
  const now = formatRfc3339(new Date()).replace(/\.\d+/, '')
  const text = /^[\w.\-/@^+]+$/.test(message) ? message : quote(message)
  writeErr(`time="${now}" level=${level === 'warn' ? 'warning' : level} msg=${text}\n`)
}
