import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from './rootfs'

/** What the host has, as lines under headings. A line more after a test is a leak. */
export type Snapshot = Record<string, Set<string>>

/**
 * Other things happen on this host meanwhile: only what can be told to be of these tests counts. Set it by
 * `TSPOD_TESTS_SHARED_HOST=1`; without it every new process, link, rule, … of the whole host is a leak.
 */
const SHARED_HOST = process.env.TSPOD_TESTS_SHARED_HOST === '1'

const names = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

const text = (path: string): string => {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}

const link = (path: string): string => {
  try {
    return readlinkSync(path)
  } catch {
    return ''
  }
}

/** Everything by which a process can be told to belong to a store. */
function describeProcess(pid: string): string | undefined {
  const folder = `/proc/${pid}`
  const stat = text(`${folder}/stat`)
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const command = text(`${folder}/cmdline`).replaceAll('\0', ' ').trim().slice(0, 300)
  if (command === '' || fields[0] === 'Z' || /vitest|esbuild.*--service/.test(command)) return undefined
  const where = [link(`${folder}/cwd`), link(`${folder}/root`), link(`${folder}/exe`)].join(' ')
  // a monitor's title hides its arguments, but it holds its store's files open
  const held = command.startsWith('tspod ')
    ? names(`${folder}/fd`).map((fd) => link(`${folder}/fd/${fd}`))
    : []
  const overlays = text(`${folder}/mountinfo`).match(/upperdir=[^,\s]+/g) ?? []
  return `pid ${pid} started ${fields[19]}: ${command} [${[where, ...overlays.slice(0, 1), ...held].join(' ')}]`
}

function processes(): string[] {
  return names('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(describeProcess)
    .filter((line) => line !== undefined)
}

function mounts(): string[] {
  const lines = text('/proc/self/mountinfo').split('\n').filter(Boolean)
  return lines.map((line) => line.replace(/^\d+ \d+ \d+:\d+ /, '').replace(/ (shared|master):\d+/g, ''))
}

function cgroups(folder = '/sys/fs/cgroup', depth = 0): string[] {
  let entries: string[]
  try {
    entries = readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
  return entries.flatMap((name) => {
    const path = join(folder, name)
    return depth > 4 ? [path] : [path, ...cgroups(path, depth + 1)]
  })
}

function rules(): string[] {
  const nft = findProgram('nft')
  if (nft === undefined) return []
  const ruleset = execFileSync(nft, ['list', 'ruleset'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return ruleset
    .split('\n')
    .map((line) => line.replace(/counter packets \d+ bytes \d+/, 'counter').trim())
    .filter(Boolean)
}

/** System V IPC objects: key and id. */
function sysvipc(): string[] {
  return ['msg', 'sem', 'shm'].flatMap((kind) =>
    text(`/proc/sysvipc/${kind}`)
      .split('\n')
      .slice(1)
      .filter(Boolean)
      .map((line) => `${kind} ${line.trim().split(/\s+/).slice(0, 2).join(' ')}`),
  )
}

const FOLDERS = ['/run', '/run/lock', '/tmp', '/var/tmp', '/var/lib', '/dev/shm', '/dev/mqueue']

export function takeSnapshot(): Snapshot {
  const files = FOLDERS.flatMap((folder) => names(folder).map((name) => join(folder, name)))
  return {
    process: new Set(processes()),
    mount: new Set(mounts()),
    'network namespace': new Set(names('/run/netns')),
    link: new Set(names('/sys/class/net')),
    'nft rule': new Set(rules()),
    cgroup: new Set(cgroups()),
    'IPC object': new Set(sysvipc()),
    file: new Set(files),
  }
}

/** What is there now and was not before. `own` are words that mark what belongs to the tests. */
export function findLeaks(before: Snapshot, own: string[]): string[] {
  const now = takeSnapshot()
  return Object.entries(now).flatMap(([heading, lines]) =>
    [...lines]
      .filter((line) => !before[heading]?.has(line))
      .filter((line) => !SHARED_HOST || own.some((word) => line.includes(word)))
      .map((line) => `${heading}: ${line}`),
  )
}
