import { lstatSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { availableParallelism, hostname, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Cgroups } from '../runtime/cgroups'
import { capabilityNames } from '../runtime/init/capabilities'
import type { HostFacts } from '../specgen'
import { readIdMap } from '../specgen/id-maps'
import type { OciDevice } from '../specgen/types'

const read = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}

const boundingSet = (): string[] => {
  const mask = /^CapBnd:\s*([0-9a-f]+)/m.exec(read('/proc/self/status') ?? '')?.[1] ?? '0'
  const bits = BigInt(`0x${mask}`)
  return capabilityNames.filter((_, number) => (bits >> BigInt(number)) & 1n)
}

// The names of /proc/self/limits and of setrlimit(2).
const limitNames: Record<string, string> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
}

const limitValue = (text: string): number => (text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text))

const ownLimits = (): HostFacts['rlimits'] => {
  const limits: Record<string, { soft: number; hard: number }> = {}
  for (const line of (read('/proc/self/limits') ?? '').split('\n')) {
    const [, name = '', soft = '', hard = ''] = /^(Max [a-z ]+?)\s{2,}(\S+)\s+(\S+)/.exec(line) ?? []
    const type = limitNames[name]
    if (type) limits[type] = { soft: limitValue(soft), hard: limitValue(hard) }
  }
  return limits
}

// The upper and lower halves of both numbers are interleaved: makedev(3).
const splitDevice = (rdev: number) => {
  const bits = BigInt(rdev)
  return {
    major: Number(((bits >> 8n) & 0xfffn) | ((bits >> 32n) & 0xfffff000n)),
    minor: Number((bits & 0xffn) | ((bits >> 12n) & 0xffffff00n)),
  }
}

const deviceAt = (path: string): OciDevice | undefined => {
  const status = statSync(path)
  const type = status.isCharacterDevice() ? 'c' : status.isBlockDevice() ? 'b' : undefined
  if (!type) return undefined
  const { mode, uid, gid, rdev } = status
  return { path, type, ...splitDevice(rdev), fileMode: mode & 0o777, uid, gid }
}

// Folders of /dev that are file systems of their own, and what a terminal's processes see there.
const skipped = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev', 'console'])

const devicesBelow = (folder: string): OciDevice[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (skipped.has(entry.name) || entry.isSymbolicLink()) return []
    if (entry.isDirectory()) return devicesBelow(path)
    return devicesAt(path)
  })

const devicesAt = (path: string): OciDevice[] => {
  try {
    if (lstatSync(path).isDirectory()) return devicesBelow(path)
    const device = deviceAt(path)
    return device ? [device] : []
  } catch {
    return []
  }
}

const pathKind = (path: string): 'file' | 'directory' | undefined => {
  try {
    return statSync(path).isDirectory() ? 'directory' : 'file'
  } catch {
    return undefined
  }
}

/** Ids that we have, where that is not all of the host's. */
export const ownIdMaps = () => ({
  uids: readIdMap(read('/proc/self/uid_map')),
  gids: readIdMap(read('/proc/self/gid_map')),
})

/** What specgen has to know about the host. What costs something is looked up when it is asked for. */
export const collectHostFacts = (cgroups: Cgroups, rootless = false): HostFacts => ({
  cgroups,
  get idMaps() {
    return rootless ? ownIdMaps() : undefined
  },
  get hostname() {
    return hostname()
  },
  get processors() {
    return availableParallelism()
  },
  get capabilities() {
    return boundingSet()
  },
  get rlimits() {
    return ownLimits()
  },
  get mqueue() {
    return pathKind('/proc/sys/fs/mqueue') !== undefined
  },
  get seccomp() {
    return pathKind('/proc/sys/kernel/seccomp') !== undefined
  },
  get memory() {
    return totalmem()
  },
  get cwd() {
    return process.cwd()
  },
  pathKind,
  devices: devicesAt,
  readFile: read,
})
