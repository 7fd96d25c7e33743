import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import type { IdMapping } from '../../state/types'

/** A process of a container as /proc tells it; ids as the container sees them. */
export interface ContainerProcess {
  /** As the host sees it. */
  hostPid: number
  pid: number
  ppid: number
  /** Of /proc/PID/stat, from the field after the name on. */
  stat: string[]
  /** Of /proc/PID/status, by name. */
  status: Map<string, string>
  name: string
  command: string[]
  /** Real and effective, as the container sees them. */
  uids: number[]
  gids: number[]
  groups: number[]
}

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return undefined
  }
}

const link = (path: string): string | undefined => {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

const numbers = (text: string | undefined): number[] => (text ?? '').split(/\s+/).filter(Boolean).map(Number)

/** The id inside a user namespace; 65534, as the kernel shows it, where it has none there. */
const inside = (maps: readonly IdMapping[], id: number): number => {
  if (maps.length === 0) return id
  const map = maps.find(({ host, size }) => id >= host && id < host + size)
  return map ? map.container + id - map.host : 65534
}

const parseStatus = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf(':')
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()]]
    }),
  )

export interface IdMaps {
  uids: readonly IdMapping[]
  gids: readonly IdMapping[]
}

const readProcess = (hostPid: number, level: number, maps: IdMaps): ContainerProcess | undefined => {
  const stat = read(`/proc/${hostPid}/stat`)
  const status = read(`/proc/${hostPid}/status`)
  if (stat === undefined || status === undefined) return undefined
  const fields = parseStatus(status)
  const pid = numbers(fields.get('NSpid'))[level]
  if (pid === undefined) return undefined
  const command = (read(`/proc/${hostPid}/cmdline`) ?? '').replace(/\0$/, '').split('\0')
  return {
    hostPid,
    pid,
    ppid: Number(fields.get('PPid')),
    stat: stat.slice(stat.lastIndexOf(')') + 2).split(' '),
    status: fields,
    name: stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')')),
    command,
    uids: numbers(fields.get('Uid')).map((id) => inside(maps.uids, id)),
    gids: numbers(fields.get('Gid')).map((id) => inside(maps.gids, id)),
    groups: numbers(fields.get('Groups')).map((id) => inside(maps.gids, id)),
  }
}

/** The PID namespace of a process, as its link in /proc names it. */
export const pidNamespace = (pid: number): string | undefined => link(`/proc/${pid}/ns/pid`)

/** All processes in the PID namespace that the process is in, by their PID there. */
export const namespaceProcesses = (member: number, maps: IdMaps): ContainerProcess[] => {
  const namespace = pidNamespace(member)
  const level = numbers(parseStatus(read(`/proc/${member}/status`) ?? '').get('NSpid')).length - 1
  if (namespace === undefined || level < 0) return []
  const found = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => pidNamespace(pid) === namespace)
    .map((pid) => readProcess(pid, level, maps))
    .filter((process) => process !== undefined)
  const pids = new Map(found.map(({ hostPid, pid }) => [hostPid, pid]))
  // A parent outside is none, as the kernel tells it inside.
  for (const process of found) process.ppid = pids.get(process.ppid) ?? 0
  return found.sort((a, b) => a.pid - b.pid)
}
