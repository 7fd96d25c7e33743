import type { CgroupVersion } from './index'

/** One mounted hierarchy of control groups. */
export interface Hierarchy {
  /** Folder below the mount of them all: `memory`, `cpu,cpuacct`, `` for the one of v2. */
  name: string
  mount: string
  version: 1 | 2
  controllers: string[]
}

export interface Layout {
  version: CgroupVersion
  hierarchies: Hierarchy[]
  /** Why there are none that can be used. */
  reason?: string
}

// Those that limits, devices, freezing and figures need; the others would only cost time.
const wanted = ['cpu', 'cpuacct', 'cpuset', 'memory', 'devices', 'freezer', 'blkio', 'pids']

interface Mount {
  place: string
  type: string
  readOnly: boolean
  options: string[]
}

// mountinfo writes a space in a path as \040.
const unescaped = (path: string): string =>
  path.replace(/\\(\d{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

/** The cgroup mounts of /proc/self/mountinfo. Of two on one place the later one hides the other. */
const readMounts = (mountinfo: string): Mount[] => {
  const mounts = new Map<string, Mount>()
  for (const line of mountinfo.split('\n')) {
    const [before = '', after] = line.split(' - ')
    if (!after) continue
    const [, , , , place = '', flags = ''] = before.split(' ')
    const [type = '', , superOptions = ''] = after.split(' ')
    mounts.delete(unescaped(place))
    if (type !== 'cgroup' && type !== 'cgroup2') continue
    const options = superOptions.split(',')
    const readOnly = flags.split(',').includes('ro') || options.includes('ro')
    mounts.set(unescaped(place), { place: unescaped(place), type, readOnly, options })
  }
  return [...mounts.values()]
}

const nothing = (reason: string): Layout => ({ version: 'none', hierarchies: [], reason })

/** Which control groups a host has under `root` (`/sys/fs/cgroup`). `readControllers` reads v2's cgroup.controllers. */
export const readLayout = (
  mountinfo: string,
  root: string,
  readControllers: (mount: string) => string,
): Layout => {
  const mounts = readMounts(mountinfo).filter(({ place }) => place === root || place.startsWith(`${root}/`))
  if (mounts.length === 0) return nothing(`no control groups are mounted on ${root}`)
  const writable = mounts.filter(({ readOnly }) => !readOnly)
  if (writable.length === 0) return nothing(`the control groups on ${root} are read-only`)
  const unified = writable.find(({ type, place }) => type === 'cgroup2' && place === root)
  if (unified) {
    const controllers = readControllers(root).trim().split(/\s+/).filter(Boolean)
    return { version: 'v2', hierarchies: [{ name: '', mount: root, version: 2, controllers }] }
  }
  const hierarchies = writable.flatMap(({ type, place, options }): Hierarchy[] => {
    const controllers = wanted.filter((name) => options.includes(name))
    if (type !== 'cgroup' || controllers.length === 0) return []
    return [{ name: place.slice(root.length + 1), mount: place, version: 1, controllers }]
  })
  if (hierarchies.length === 0) return nothing(`no control group controllers are mounted on ${root}`)
  const hybrid = mounts.some(({ type }) => type === 'cgroup2')
  return { version: hybrid ? 'hybrid' : 'v1', hierarchies }
}
