import { TspodError } from '../errors'
import * as flag from './flags'
import { quote } from './go-quote'
import { BareError } from './report-error'

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'warning', 'error', 'fatal', 'panic'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** The options every command takes, before its name or after it. */
export interface Globals {
  root?: string
  runroot?: string
  logLevel: LogLevel
  cgroupManager?: 'cgroupfs' | 'systemd'
}

/** Podman's persistent flags, as far as tspod honours them; the table in unsupported.ts knows the others. */
export const globalFlags = {
  root: flag.string('Path to the root directory in which data, including images, is stored', {
    hidden: true,
  }),
  runroot: flag.string('Path to the directory where all state information is stored', { hidden: true }),
  'log-level': flag.string(`Log messages at and above this level (${LOG_LEVELS.join(', ')})`, {
    hidden: true,
  }),
  'cgroup-manager': flag.string('Cgroup manager to use ("cgroupfs"|"systemd")', { hidden: true }),
}

type GlobalValues = { [name in keyof typeof globalFlags]?: string }

/** `TSPOD_ROOT` and `TSPOD_RUNROOT` stand in for flags that were not given. */
export function readGlobals(values: GlobalValues, env: NodeJS.ProcessEnv = process.env): Globals {
  return {
    root: values.root ?? (env.TSPOD_ROOT || undefined),
    runroot: values.runroot ?? (env.TSPOD_RUNROOT || undefined),
    logLevel: readLogLevel(values['log-level'] ?? 'warn'),
    cgroupManager: readCgroupManager(values['cgroup-manager']),
  }
}

function readLogLevel(text: string): LogLevel {
  const level = LOG_LEVELS.find((name) => name === text.toLowerCase())
  if (level === undefined) {
    throw new BareError(
      'usage',
      `Log Level ${quote(text)} is not supported, choose from: ${LOG_LEVELS.join(', ')}`,
    )
  }
  return level
}

function readCgroupManager(text: string | undefined): Globals['cgroupManager'] {
  if (text === undefined || text === 'cgroupfs' || text === 'systemd') return text
  throw new TspodError(
    'usage',
    `cgroup manager ${quote(text)} is not supported, choose from: cgroupfs, systemd`,
  )
}
