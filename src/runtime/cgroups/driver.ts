import { isTspodError, TspodError } from '../../errors'
import type { Kernel } from '../../kernel'
import type { OciResources } from '../../specgen/types'
import { fillCpuset, setFrozenV1, writeDevices } from './controllers'
import { type CgroupFiles, cgroupError, errnoOf } from './files'
import type { CgroupStats, Cgroups, CreatedCgroup } from './index'
import type { Hierarchy, Layout } from './layout'
import { isAsked, type Setting, settingsV1, settingsV2 } from './limits'
import { killAll, pidsBelow, removeTree, tryRemove } from './removal'
import { oomKillsIn, statsV1, statsV2 } from './stats'
import { enableControllers, restrictDevices, setFrozenV2 } from './unified'

const ours = '/tspod'
const limitControllers = ['cpu', 'cpuset', 'io', 'memory', 'pids']

const checkedPath = (path: string): string => {
  if (/^(\/[^/]+)+$/.test(path) && !path.split('/').some((part) => part === '..' || part === '.')) return path
  throw new TspodError('invalid', `invalid cgroup path ${JSON.stringify(path)}`)
}

/** The folders of a cgroup and of those above it, outermost first. */
const ancestors = (mount: string, path: string): string[] => {
  const parts = path.slice(1).split('/')
  return parts.map((_, index) => `${mount}/${parts.slice(0, index + 1).join('/')}`)
}

/** Control groups that can be written to, of either version. */
export class CgroupDriver implements Cgroups {
  readonly version: Cgroups['version']
  readonly controllers: readonly string[]
  readonly hierarchies: readonly Hierarchy[]

  constructor(
    private readonly kernel: Kernel,
    private readonly files: CgroupFiles,
    layout: Layout,
  ) {
    this.version = layout.version
    this.hierarchies = layout.hierarchies
    const names = layout.hierarchies.flatMap(({ controllers }) => controllers)
    // v2 freezes and restricts devices without a controller.
    this.controllers = layout.version === 'v2' ? [...names, 'devices', 'freezer'] : names
  }

  create(path: string, resources: Partial<OciResources>): CreatedCgroup {
    const made: string[] = []
    try {
      for (const { mount, controllers } of this.hierarchies)
        made.push(...this.#makeFolders(mount, checkedPath(path), controllers))
      const warnings = [...this.#handDown(path, resources), ...this.#apply(path, resources)]
      return { procsFiles: this.hierarchies.map((one) => this.#joinFile(one, path)), warnings }
    } catch (error) {
      for (const folder of made.reverse()) tryRemove(this.files, folder)
      return this.#withoutRights(error, resources)
    }
  }

  update(path: string, resources: Partial<OciResources>): string[] {
    return this.#apply(checkedPath(path), resources)
  }

  remove(path: string): void {
    for (const { mount } of this.hierarchies) {
      removeTree(this.files, mount + checkedPath(path))
      if (!path.startsWith(`${ours}/`)) continue
      const parents = ancestors(mount, path).slice(0, -1).reverse()
      parents.every((folder) => tryRemove(this.files, folder))
    }
  }

  kill(path: string): void {
    const hierarchy = this.#main()
    const folder = hierarchy.mount + checkedPath(path)
    if (!this.files.exists(folder)) return
    const killer = `${folder}/cgroup.kill`
    if (hierarchy.version === 2 && this.files.exists(killer)) {
      this.files.write(killer, '1')
      return
    }
    const freezer = this.#folder('freezer', path)
    const set = (frozen: boolean) => (freezer ? () => this.#setFrozen(path, frozen) : undefined)
    killAll(this.files, folder, set(true), set(false))
  }

  freeze(path: string): void {
    this.#setFrozen(checkedPath(path), true)
  }

  thaw(path: string): void {
    this.#setFrozen(checkedPath(path), false)
  }

  pids(path: string): number[] {
    return pidsBelow(this.files, this.#main().mount + checkedPath(path))
  }

  stats(path: string): CgroupStats {
    const main = this.#main()
    return main.version === 2
      ? statsV2(this.files, main.mount + checkedPath(path))
      : statsV1(this.files, (controller) => this.#folder(controller, checkedPath(path)))
  }

  oomKills(path: string): number {
    const hierarchy = this.#hierarchy('memory')
    return hierarchy ? oomKillsIn(this.files, hierarchy, hierarchy.mount + checkedPath(path)) : 0
  }

  exists(path: string): boolean {
    return this.hierarchies.some(({ mount }) => this.files.exists(mount + checkedPath(path)))
  }

  /** Where the processes of a cgroup are looked up: the freezer's if there is one, as it stops the same. */
  #main(): Hierarchy {
    return this.#hierarchy('freezer') ?? this.hierarchies[0]!
  }

  #hierarchy(controller: string): Hierarchy | undefined {
    return this.hierarchies.find(({ controllers }) => controllers.includes(controller))
  }

  #folder(controller: string, path: string): string | undefined {
    if (this.version === 'v2') return this.hierarchies[0]!.mount + path
    const hierarchy = this.#hierarchy(controller)
    return hierarchy && hierarchy.mount + path
  }

  // Joining by v1's `tasks` takes no lock of all threads, which costs 10 ms; a single thread needs none.
  #joinFile({ mount, version }: Hierarchy, path: string): string {
    return `${mount}${path}/${version === 1 ? 'tasks' : 'cgroup.procs'}`
  }

  // Another command may remove an empty parent between two of our steps; then all is made again.
  #makeFolders(mount: string, path: string, controllers: readonly string[]): string[] {
    for (let tries = 0; ; tries++) {
      const made: string[] = []
      try {
        for (const folder of ancestors(mount, path)) {
          if (this.#makeFolder(folder)) made.push(folder)
          if (this.version !== 'v2' && controllers.includes('cpuset')) fillCpuset(this.files, folder)
        }
        return made
      } catch (error) {
        const vanished = errnoOf(error) === 'ENOENT' && tries < 100
        if (!vanished) for (const folder of made.reverse()) tryRemove(this.files, folder)
        if (!vanished) throw cgroupError('create cgroup', mount + path, error)
      }
    }
  }

  #makeFolder(folder: string): boolean {
    try {
      this.files.mkdir(folder)
      return true
    } catch (error) {
      if (errnoOf(error) === 'EEXIST') return false
      throw error
    }
  }

  #handDown(path: string, resources: Partial<OciResources>): string[] {
    if (this.version !== 'v2') return []
    const wanted = limitControllers.filter((name) => this.controllers.includes(name))
    const failed = enableControllers(this.files, this.hierarchies[0]!.mount, path, wanted)
    const needed = new Set(settingsV2(resources).map(({ controller }) => controller))
    const missing = failed.filter((name) => needed.has(name))
    if (missing.length > 0 && isAsked(resources))
      throw new TspodError('unsupported', `the cgroup controllers ${missing.join(', ')} can't be used here`)
    return missing.map(
      (name) => `the cgroup controller ${name} can't be used here: the container runs without its limit`,
    )
  }

  #apply(path: string, resources: Partial<OciResources>): string[] {
    const settings = this.version === 'v2' ? settingsV2(resources) : settingsV1(resources)
    const warnings = settings.flatMap((setting) => this.#set(path, setting, resources) ?? [])
    const { devices } = resources
    if (!devices) return warnings
    const folder = this.#folder('devices', path)
    if (!folder) return [...warnings, 'the cgroup controller devices is missing: devices are not restricted']
    if (this.version !== 'v2') writeDevices(this.files, folder, devices)
    const refused = this.version === 'v2' && restrictDevices(this.kernel, folder, devices)
    return refused ? [...warnings, refused] : warnings
  }

  #set(path: string, setting: Setting, resources: Partial<OciResources>): string | undefined {
    const folder = this.#folder(setting.controller, path)
    const file =
      folder && setting.files.map((name) => `${folder}/${name}`).find((one) => this.files.exists(one))
    if (file) return this.#write(file, setting, path, resources)
    if (setting.otherwise !== undefined) return setting.otherwise || undefined
    if (setting.controller === 'pids' && !isAsked(resources))
      return 'the cgroup controller pids is missing: the number of processes is not limited'
    throw new TspodError(
      'unsupported',
      `the cgroup controller ${setting.controller} is missing: the ${setting.what} can't be kept`,
    )
  }

  #write(file: string, setting: Setting, path: string, resources: Partial<OciResources>): undefined {
    try {
      this.files.write(file, setting.value)
    } catch (error) {
      // v1 wants swap never below memory: to raise both, swap goes first.
      const swap = setting.files[0] === 'memory.limit_in_bytes' ? resources.memory?.swap : undefined
      if (swap === undefined || errnoOf(error) !== 'EINVAL')
        throw cgroupError(`set ${setting.what} to ${setting.value}`, file, error)
      this.#write(
        `${this.#folder('memory', path)}/memory.memsw.limit_in_bytes`,
        {
          ...setting,
          files: ['memory.memsw.limit_in_bytes'],
          value: String(swap),
          what: 'swap limit',
        },
        path,
        resources,
      )
      this.files.write(file, setting.value)
    }
  }

  #setFrozen(path: string, frozen: boolean): void {
    const folder = this.#folder('freezer', path)
    if (!folder)
      throw new TspodError('unsupported', `the cgroup controller freezer is missing: ${path} can't be paused`)
    if (this.version === 'v2') setFrozenV2(this.files, folder, frozen)
    else setFrozenV1(this.files, folder, frozen)
  }

  /** An ordinary user, or root in another container, may find control groups mounted but not be let in. */
  #withoutRights(error: unknown, resources: Partial<OciResources>): CreatedCgroup {
    const denied = ['EACCES', 'EPERM', 'EROFS'].includes((isTspodError(error) && error.context.errno) || '')
    if (!denied || isAsked(resources)) throw error
    return { procsFiles: [], warnings: [`${(error as Error).message}: the container runs without limits`] }
  }
}
