import type { CgroupFiles } from '../../../src/runtime/cgroups/files'

export const errno = (code: string) => Object.assign(new Error(code), { code })

/** What the kernel puts into a new cgroup, by the name of the controller in the path. */
const contents: Record<string, Record<string, string>> = {
  memory: {
    'memory.limit_in_bytes': '9223372036854771712',
    'memory.memsw.limit_in_bytes': '9223372036854771712',
    'memory.soft_limit_in_bytes': '0',
    'memory.usage_in_bytes': '4096',
    'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 0\n',
  },
  cpu: { 'cpu.shares': '1024', 'cpu.cfs_period_us': '100000', 'cpu.cfs_quota_us': '-1', 'cpu.stat': '' },
  cpuset: { 'cpuset.cpus': '', 'cpuset.mems': '' },
  pids: { 'pids.max': 'max', 'pids.current': '0' },
  devices: { 'devices.allow': '', 'devices.deny': '' },
  freezer: { 'freezer.state': 'THAWED' },
}

const unified: Record<string, Record<string, string>> = {
  memory: {
    'memory.max': 'max',
    'memory.swap.max': 'max',
    'memory.low': '0',
    'memory.current': '8192',
    'memory.events': 'low 0\noom 1\noom_kill 3\n',
  },
  cpu: { 'cpu.weight': '100', 'cpu.max': 'max 100000' },
  cpuset: { 'cpuset.cpus': '', 'cpuset.mems': '' },
  pids: { 'pids.max': 'max', 'pids.current': '1' },
  io: { 'io.weight': 'default 100', 'io.stat': '' },
}

/** cgroupfs in memory: a folder comes with its files, and goes when nothing is in it. */
export class FakeFiles implements CgroupFiles {
  readonly contents = new Map<string, string>()
  readonly directories = new Set<string>()
  readonly writes: [path: string, text: string][] = []
  readonly killed: number[] = []
  readonly slept: number[] = []
  /** Called before a write; may throw. */
  onWrite: (path: string, text: string) => void = () => undefined
  onMkdir: (path: string) => void = () => undefined

  constructor(
    private readonly root: string,
    private readonly version: 1 | 2,
    private readonly rootControllers: readonly string[] = ['cpuset', 'cpu', 'io', 'memory', 'pids'],
  ) {
    if (version === 2) this.#fillUnified(root)
    else {
      for (const name of ['cpu', 'cpuset', 'memory', 'pids', 'devices', 'freezer']) {
        this.directories.add(`${root}/${name}`)
        this.#fillV1(`${root}/${name}`)
      }
      this.contents.set(`${root}/cpuset/cpuset.cpus`, '0-3\n')
      this.contents.set(`${root}/cpuset/cpuset.mems`, '0\n')
    }
    this.directories.add(root)
  }

  read(path: string): string {
    const text = this.contents.get(path)
    if (text === undefined) throw errno('ENOENT')
    return text
  }

  write(path: string, text: string): void {
    if (!this.contents.has(path)) throw errno('ENOENT')
    this.onWrite(path, text)
    this.writes.push([path, text])
    if (path.endsWith('/cgroup.subtree_control')) this.#enable(path, text)
    else if (path.endsWith('/cgroup.freeze'))
      this.contents.set(path.replace(/freeze$/, 'events'), `populated 1\nfrozen ${text}\n`)
    else this.contents.set(path, text)
  }

  mkdir(path: string): void {
    this.onMkdir(path)
    const parent = path.slice(0, path.lastIndexOf('/'))
    if (this.directories.has(path)) throw errno('EEXIST')
    if (!this.directories.has(parent)) throw errno('ENOENT')
    this.directories.add(path)
    if (this.version === 2) this.#fillUnified(path)
    else this.#fillV1(path)
  }

  rmdir(path: string): void {
    if (!this.directories.has(path)) throw errno('ENOENT')
    if (this.folders(path).length > 0) throw errno('ENOTEMPTY')
    if (this.contents.get(`${path}/cgroup.procs`)) throw errno('EBUSY')
    this.directories.delete(path)
    for (const file of [...this.contents.keys()]) if (file.startsWith(`${path}/`)) this.contents.delete(file)
  }

  folders(path: string): string[] {
    if (!this.directories.has(path)) throw errno('ENOENT')
    return [...this.directories]
      .filter((one) => one.startsWith(`${path}/`) && !one.slice(path.length + 1).includes('/'))
      .map((one) => one.slice(path.length + 1))
  }

  exists(path: string): boolean {
    return this.directories.has(path) || this.contents.has(path)
  }

  kill(pid: number): void {
    this.killed.push(pid)
    for (const [file, text] of this.contents)
      if (file.endsWith('/cgroup.procs'))
        this.contents.set(
          file,
          text
            .split('\n')
            .filter((line) => line !== String(pid))
            .join('\n')
            .trim(),
        )
  }

  sleep(milliseconds: number): void {
    this.slept.push(milliseconds)
  }

  /** What was written to a file, the last time. */
  written(path: string): string | undefined {
    return this.writes.filter(([file]) => file === path).at(-1)?.[1]
  }

  #fill(path: string, files: Record<string, string>): void {
    for (const [name, text] of Object.entries(files)) this.contents.set(`${path}/${name}`, text)
  }

  #fillV1(path: string): void {
    const controller = path.slice(this.root.length + 1).split('/')[0] ?? ''
    this.#fill(path, { 'cgroup.procs': '', tasks: '', ...contents[controller] })
  }

  #fillUnified(path: string): void {
    const parent = path.slice(0, path.lastIndexOf('/'))
    const enabled =
      path === this.root
        ? this.rootControllers
        : (this.contents.get(`${parent}/cgroup.subtree_control`) ?? '').split(' ').filter(Boolean)
    this.#fill(path, {
      'cgroup.procs': '',
      'cgroup.controllers': enabled.join(' '),
      'cgroup.subtree_control': '',
      'cgroup.events': 'populated 0\nfrozen 0\n',
      'cgroup.freeze': '0',
      'cgroup.kill': '',
    })
    if (path !== this.root) for (const name of enabled) this.#fill(path, unified[name] ?? {})
  }

  #enable(file: string, text: string): void {
    const folder = file.slice(0, file.lastIndexOf('/'))
    const controller = text.slice(1)
    this.contents.set(file, `${this.contents.get(file) ?? ''} ${controller}`.trim())
    for (const name of this.folders(folder)) {
      const below = `${folder}/${name}`
      const there = this.contents.get(`${below}/cgroup.controllers`) ?? ''
      this.contents.set(`${below}/cgroup.controllers`, `${there} ${controller}`.trim())
      this.#fill(below, unified[controller] ?? {})
    }
  }
}
