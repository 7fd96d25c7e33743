import { readFileSync, readlinkSync, statSync } from 'node:fs'
import { readProcFile } from '../../kernel/proc-file'

/** Of /proc/PID/status, what a process has from whoever started it. */
const INHERITED =
  /^(?:Umask|Uid|Gid|Groups|CapInh|CapPrm|CapEff|CapBnd|CapAmb|NoNewPrivs|Seccomp|Seccomp_filters|Cpus_allowed|Mems_allowed):.*$/gm

/** Fields of /proc/PID/stat after the name: nice, rt_priority, policy. */
const SCHEDULING = [16, 37, 38] as const

const FILES = ['cgroup', 'loginuid', 'sessionid', 'oom_score_adj', 'personality', 'attr/current'] as const
const NAMESPACES = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'pid_for_children', 'time', 'user', 'uts'] as const

/** Variables that the loader, the C library and Node read when they start, and where the launcher finds Node. */
const READ_AT_START =
  /^(?:PATH|LANG|LANGUAGE|LC_\w+|TZ|TZDIR|(?:LD|NODE|UV|ICU|OPENSSL|SSL|MALLOC|GLIBC|GCONV)_?\w*)$/

const orEmpty = (read: () => string): string => {
  try {
    return read()
  } catch {
    // not every kernel has each of them
    return ''
  }
}

// Node raises its soft limit of open files by itself.
const limits = (text: string): string => text.replace(/^(Max open files +)\S+/m, '$1')

const scheduling = (stat: string): string => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return SCHEDULING.map((index) => fields[index]).join(' ')
}

const namespaces = (folder: string): string =>
  NAMESPACES.map((kind) => orEmpty(() => readlinkSync(`${folder}/ns/${kind}`))).join(' ')

/**
 * What a process was given by whoever started it, apart from arguments, environment, streams and folder, as text: where two
 * have the same, a command does the same in either. Throws where the process is gone. Source: proc(5).
 */
export const circumstancesOf = (pid: number | 'self'): string => {
  const folder = `/proc/${pid}`
  const status = readProcFile(`${folder}/status`).match(INHERITED) ?? []
  return [
    ...status,
    scheduling(readProcFile(`${folder}/stat`)),
    limits(readProcFile(`${folder}/limits`)),
    ...FILES.map((name) => orEmpty(() => readProcFile(`${folder}/${name}`))),
    namespaces(folder),
    orEmpty(() => readlinkSync(`${folder}/root`)),
  ].join('\n')
}

/**
 * Whether we are in the first process's namespaces, which nobody waits to see end. Where that may not be looked at, the kernel's
 * own second one is in the same.
 */
export const isAtHome = (): boolean =>
  ['/proc/1', '/proc/2'].map(namespaces).includes(namespaces('/proc/self'))

/** The variables that a process has read before it could be told of others, as text. */
export const startVariables = (env: Readonly<Record<string, string | undefined>>): string =>
  Object.keys(env)
    // the launcher keeps that one from Node
    .filter((name) => READ_AT_START.test(name) && name !== 'NODE_EXTRA_CA_CERTS')
    .sort()
    .map((name) => `${name}=${env[name]}`)
    .join('\n')

export interface StartedProgram {
  /** The launcher and what follows it. */
  args: string[]
  env: Record<string, string>
}

const words = (text: string): string[] => text.split('\0').slice(0, -1)

/** Arguments and environment of a process, as it was started with them. */
export const startedWith = (pid: number): StartedProgram => {
  const env: Record<string, string> = {}
  for (const entry of words(readFileSync(`/proc/${pid}/environ`, 'utf8'))) {
    const end = entry.indexOf('=')
    if (end > 0) env[entry.slice(0, end)] ??= entry.slice(end + 1)
  }
  // bin/tspod's own
  delete env.TSPOD_COLD
  return { args: words(readFileSync(`/proc/${pid}/cmdline`, 'utf8')), env }
}

/** A file's identity and version; empty where there is none. */
export const fileStamp = (path: string): string =>
  orEmpty(() => {
    const { dev, ino, size, mtimeMs } = statSync(path)
    return [dev, ino, size, mtimeMs].join(' ')
  })

/** Whether a command may be told of a descriptor by its number, beside its streams: it has none other in another process. */
export const namesDescriptors = ({ args, env }: StartedProgram): boolean =>
  env.LISTEN_FDS !== undefined ||
  args.some((word) => word.includes('/fd/') || word.startsWith('--preserve-fd'))
