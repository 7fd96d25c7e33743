import { closeSync, fstatSync, openSync, readlinkSync, readSync, statSync } from 'node:fs'
import {
  COMPARED_NAMESPACES,
  COMPARED_TEXTS,
  ENTERED_NAMESPACES,
  type Sent,
} from '../../runtime/program/hand-over'

/** Of /proc/PID/status, what a process has from whoever started it. */
const INHERITED = /^(?:Umask|NoNewPrivs|Seccomp|Seccomp_filters|Cpus_allowed|Mems_allowed):.*$/gm
/** What changes when an ordinary user's namespaces are entered. */
const OF_USER_NAMESPACE = /^(?:Uid|Gid|Groups|Cap(?:Inh|Prm|Eff|Bnd|Amb)):.*$/gm

/** Fields of /proc/PID/stat after the name: nice, rt_priority, policy. */
const SCHEDULING = [16, 37, 38] as const

/** Variables that the loader, the C library and Node read when they start, and where the launcher finds Node. */
const READ_AT_START =
  /^(?:PATH|LANG|LANGUAGE|LC_\w+|TZ|TZDIR|(?:LD|NODE|UV|ICU|OPENSSL|SSL|MALLOC|GLIBC|GCONV)_?\w*)$/

const CHUNK = 64 << 10

const readAll = (fd: number): string => {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = Buffer.allocUnsafe(CHUNK)
    const count = readSync(fd, chunk, 0, CHUNK, null)
    if (count === 0) return Buffer.concat(chunks).toString()
    chunks.push(chunk.subarray(0, count))
  }
}

const orEmpty = (read: () => string): string => {
  try {
    return read()
  } catch {
    // such as a security label that no module gives
    return ''
  }
}

const identity = (fd: number): string => {
  const { dev, ino } = fstatSync(fd)
  return `${dev}:${ino}`
}

// Node raises its soft limit of open files by itself.
const limits = (text: string): string => text.replace(/^(Max open files) +\S+ +/m, '$1 ')

const scheduling = (stat: string): string => {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return SCHEDULING.map((index) => fields[index]).join(' ')
}

/**
 * What a process was given by whoever started it, apart from arguments, environment, streams and folder, as text: where two
 * have the same, a command does the same in either. An ordinary user's launcher has not entered his namespaces yet
 * (`entered`), in which its ids are others and it has all capabilities. Source: proc(5).
 */
export const circumstancesOf = (
  sent: Pick<Sent, 'texts' | 'namespaces' | 'root'>,
  entered: boolean,
): string => {
  const [status = '', stat = '', limit = '', loginuid = '', ...others] = sent.texts.map((fd) =>
    orEmpty(() => readAll(fd)),
  )
  const namespaces = entered ? sent.namespaces.slice(ENTERED_NAMESPACES.length) : sent.namespaces
  return [
    ...(status.match(INHERITED) ?? []),
    ...(entered ? [] : [...(status.match(OF_USER_NAMESPACE) ?? []), loginuid]),
    scheduling(stat),
    limits(limit),
    ...others,
    ...namespaces.map(identity),
    identity(sent.root),
  ].join('\n')
}

/** The same of this process. */
export const ownCircumstances = (entered: boolean): string => {
  const opened: number[] = []
  const open = (path: string): number => {
    const fd = openSync(path, 'r')
    opened.push(fd)
    return fd
  }
  const openOr = (name: string) => {
    try {
      return open(`/proc/self/${name}`)
    } catch {
      return open('/dev/null')
    }
  }
  try {
    const texts = COMPARED_TEXTS.map(openOr)
    const namespaces = [...ENTERED_NAMESPACES, ...COMPARED_NAMESPACES].map((kind) => openOr(`ns/${kind}`))
    return circumstancesOf({ texts, namespaces, root: open('/') }, entered)
  } finally {
    for (const fd of opened) closeSync(fd)
  }
}

const namespacesOf = (pid: string): string =>
  [...ENTERED_NAMESPACES, ...COMPARED_NAMESPACES]
    .map((kind) => orEmpty(() => readlinkSync(`/proc/${pid}/ns/${kind}`)))
    .join()

/** Whether we are in the same namespaces as one of those processes. */
export const isBeside = (...pids: string[]): boolean => pids.map(namespacesOf).includes(namespacesOf('self'))

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
export const startedWith = ({ cmdline, environ }: Pick<Sent, 'cmdline' | 'environ'>): StartedProgram => {
  const env: Record<string, string> = {}
  for (const entry of words(readAll(environ))) {
    const end = entry.indexOf('=')
    if (end > 0) env[entry.slice(0, end)] ??= entry.slice(end + 1)
  }
  // bin/tspod's own
  delete env.TSPOD_COLD
  return { args: words(readAll(cmdline)), env }
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
