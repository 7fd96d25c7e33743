import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { capabilitiesOf } from '../../specgen/capabilities'
import type { ContainerProcess } from './processes'

/** How ids become names. */
export interface Names {
  user(uid: number): string
  group(gid: number): string
  hostUser(uid: number): string
  hostGroup(gid: number): string
}

type Column = (process: ContainerProcess, names: Names) => string

interface Descriptor {
  code?: string
  header: string
  column: Column
}

/** Linux's USER_HZ, the same everywhere. */
const TICKS = 100

// Places in /proc/PID/stat, counted from the field after the name.
const Stat = { state: 0, group: 2, tty: 4, user: 11, system: 12, nice: 16, start: 19, size: 20 } as const

const ticks = (process: ContainerProcess, field: number): number => Number(process.stat[field] ?? 0)

/** Seconds as Go prints a duration: `1h2m3.5s`. */
const duration = (seconds: number): string => {
  if (seconds <= 0) return '0s'
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  const rest = `${Number((seconds % 60).toFixed(9))}s`
  if (hours > 0) return `${hours}h${minutes}m${rest}`
  return minutes > 0 ? `${minutes}m${rest}` : rest
}

const processorTime = (process: ContainerProcess): number =>
  Math.floor((ticks(process, Stat.user) + ticks(process, Stat.system)) / TICKS)

const elapsed = (process: ContainerProcess): number =>
  Math.max(uptime() - Math.floor(ticks(process, Stat.start) / TICKS), 0)

const two = (value: number): string => String(value).padStart(2, '0')

// As Go prints a time without a fraction.
const startTime: Column = (process) => {
  const date = new Date(Math.floor(Date.now() / 1000 - elapsed(process)) * 1000)
  const minutes = -date.getTimezoneOffset()
  const size = Math.abs(minutes)
  const zone = `${minutes < 0 ? '-' : '+'}${two(Math.floor(size / 60))}${two(size % 60)}`
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
  const name = minutes === 0 ? 'UTC' : zone.replace(/00$/, '')
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())} ${zone} ${name}`
}

const FIRST_PTS = 136
const LAST_PTS = 143

const terminal: Column = (process) => {
  const number = ticks(process, Stat.tty)
  const major = (number >> 8) & 0xfff
  const minor = (number & 0xff) | ((number >> 12) & 0xfff00)
  if (major >= FIRST_PTS && major <= LAST_PTS) return `pts/${(major - FIRST_PTS) * 256 + minor}`
  if (major === 4 && minor < 64) return `tty${minor}`
  return major === 5 && minor === 1 ? 'console' : '?'
}

const everyCapability = (): bigint => {
  const last = Number(readFileSync('/proc/sys/kernel/cap_last_cap', 'latin1'))
  return (1n << BigInt(last + 1)) - 1n
}

const capabilities =
  (field: string): Column =>
  ({ status }) => {
    const mask = status.get(field) ?? '0'
    if (BigInt(`0x${mask}`) === everyCapability()) return 'full'
    const names = capabilitiesOf(mask).map((name) => name.replace(/^CAP_/, ''))
    return names.length > 0 ? names.sort().join(',') : 'none'
  }

const hostIds = ({ status }: ContainerProcess, field: string): number[] =>
  (status.get(field) ?? '').split(/\s+/).filter(Boolean).map(Number)

const seccompModes = ['disabled', 'strict', 'filter']

const label: Column = ({ hostPid }) => {
  try {
    return readFileSync(`/proc/${hostPid}/attr/current`, 'latin1').replace(/\0|\n/g, '') || '?'
  } catch {
    return '?'
  }
}

const percent: Column = (process) => ((100 * processorTime(process)) / (elapsed(process) || 1)).toFixed(3)

/** The columns of `top`, by the names that Podman has for them. */
const descriptors: Record<string, Descriptor> = {
  args: {
    code: '%a',
    header: 'COMMAND',
    column: ({ command, name }) => (command[0] ? command.join(' ') : `[${name}]`),
  },
  capamb: { header: 'AMBIENT CAPS', column: capabilities('CapAmb') },
  capbnd: { header: 'BOUNDING CAPS', column: capabilities('CapBnd') },
  capeff: { header: 'EFFECTIVE CAPS', column: capabilities('CapEff') },
  capinh: { header: 'INHERITED CAPS', column: capabilities('CapInh') },
  capprm: { header: 'PERMITTED CAPS', column: capabilities('CapPrm') },
  comm: { code: '%c', header: 'COMMAND', column: ({ name }) => name },
  etime: { code: '%t', header: 'ELAPSED', column: (process) => duration(elapsed(process)) },
  group: { code: '%G', header: 'GROUP', column: ({ gids }, names) => names.group(gids[1] ?? 0) },
  groups: { header: 'GROUPS', column: ({ groups }, names) => groups.map(names.group).join(',') },
  hgroup: {
    header: 'HGROUP',
    column: (process, names) => names.hostGroup(hostIds(process, 'Gid')[1] ?? 0),
  },
  hgroups: {
    header: 'HGROUPS',
    column: (process, names) => hostIds(process, 'Groups').map(names.hostGroup).join(','),
  },
  hpid: { header: 'HPID', column: ({ hostPid }) => String(hostPid) },
  huid: { header: 'HUID', column: (process) => String(hostIds(process, 'Uid')[1] ?? 0) },
  huser: { header: 'HUSER', column: (process, names) => names.hostUser(hostIds(process, 'Uid')[1] ?? 0) },
  label: { header: 'LABEL', column: label },
  nice: { code: '%n', header: 'NI', column: ({ stat }) => stat[Stat.nice] ?? '' },
  pcpu: { code: '%C', header: '%CPU', column: percent },
  pgid: { code: '%r', header: 'PGID', column: ({ stat }) => stat[Stat.group] ?? '' },
  pid: { code: '%p', header: 'PID', column: ({ pid }) => String(pid) },
  ppid: { code: '%P', header: 'PPID', column: ({ ppid }) => String(ppid) },
  rgroup: { code: '%g', header: 'RGROUP', column: ({ gids }, names) => names.group(gids[0] ?? 0) },
  rss: { header: 'RSS', column: ({ status }) => (status.get('VmRSS') ?? '0').replace(/ kB$/, '') },
  ruser: { code: '%u', header: 'RUSER', column: ({ uids }, names) => names.user(uids[0] ?? 0) },
  seccomp: { header: 'SECCOMP', column: ({ status }) => seccompModes[Number(status.get('Seccomp'))] ?? '?' },
  state: { header: 'STATE', column: ({ stat }) => stat[Stat.state] ?? '' },
  stime: { header: 'STIME', column: startTime },
  time: { code: '%x', header: 'TIME', column: (process) => duration(processorTime(process)) },
  tty: { code: '%y', header: 'TTY', column: terminal },
  uid: { header: 'UID', column: ({ uids }) => String(uids[1] ?? 0) },
  user: { code: '%U', header: 'USER', column: ({ uids }, names) => names.user(uids[1] ?? 0) },
  vsz: {
    code: '%z',
    header: 'VSZ',
    column: ({ stat }) => String(Math.floor(Number(stat[Stat.size] ?? 0) / 1024)),
  },
}

const usual = ['user', 'pid', 'ppid', 'pcpu', 'etime', 'tty', 'time', 'args']

/** The descriptors that are meant; undefined where one is none, as those of ps(1). */
export const findDescriptors = (given: readonly string[]): Descriptor[] | undefined => {
  const names = given
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter(Boolean)
  const found = (names.length > 0 ? names : usual).map(
    (name) => descriptors[name] ?? Object.values(descriptors).find(({ code }) => code === name),
  )
  return found.every((one) => one !== undefined) ? found : undefined
}

/** The heading, and a line for each process. */
export const formatProcesses = (
  columns: readonly Descriptor[],
  processes: readonly ContainerProcess[],
  names: Names,
): string[] => [
  columns.map(({ header }) => header).join('\t'),
  ...processes.map((process) => columns.map(({ column }) => column(process, names)).join('\t')),
]
