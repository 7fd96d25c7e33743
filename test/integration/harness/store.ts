import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, inject } from 'vitest'
import { type CommandOptions, type Outcome, PODMAN, runBinary, storeOptions } from './command'
import { findLeaks, type Snapshot, takeSnapshot } from './leaks'
import { copyTemplate } from './template'
import { eventually } from './wait'

export { HTTPD, IMAGE } from './template'

/** A store of its own, with both images, for the tests of one file. */
export class Store {
  readonly root: string
  readonly runroot: string
  /** Marks what belongs to this store in processes, links, rules and cgroups. */
  readonly marks: Set<string>

  constructor(readonly folder: string) {
    this.root = join(folder, 'root')
    this.runroot = join(folder, 'runroot')
    this.marks = new Set([folder])
  }

  /** Options before the command. */
  get options(): string[] {
    return storeOptions(this.root, this.runroot)
  }

  /** Runs a command; a failure is a result. */
  async run(args: string[], options: CommandOptions = {}): Promise<Outcome> {
    const outcome = await runBinary([...this.options, ...args], { cwd: this.folder, ...options })
    for (const [id] of outcome.stdout.matchAll(/\b[0-9a-f]{64}\b/g)) this.marks.add(id.slice(0, 12))
    return outcome
  }

  /** Runs a command that must succeed, and gives its output. */
  async ok(...args: string[]): Promise<string> {
    const { exitCode, stdout, stderr } = await this.run(args)
    if (exitCode === 0) return stdout
    throw new Error(`${args.join(' ')}: exit ${exitCode}\n${stderr}\n${stdout}`)
  }

  /** Runs a command that must fail with this exit code, and gives its error output. */
  async fails(exitCode: number, ...args: string[]): Promise<string> {
    const outcome = await this.run(args)
    if (outcome.exitCode === exitCode) return outcome.stderr
    throw new Error(
      `${args.join(' ')}: exit ${outcome.exitCode}, not ${exitCode}\n${outcome.stderr}\n${outcome.stdout}`,
    )
  }

  /** One value out of `inspect`. */
  async inspect(name: string, template: string): Promise<string> {
    return this.ok('inspect', '--format', template, name)
  }

  async pid(name: string): Promise<number> {
    return Number(await this.inspect(name, '{{.State.Pid}}'))
  }

  /** Removes every container and pod. */
  async clear() {
    await this.ok('pod', 'rm', '--force', '--all', '--time', '0')
    await this.ok('rm', '--force', '--all', '--time', '0')
  }
}

/** What a store without containers and pods may still have beside its images. */
function remains(store: Store): string[] {
  if (PODMAN) return []
  const folders = ['sandboxes', 'containers', 'names', 'ids'].map((name) => join(store.root, name))
  folders.push(...['containers', 'monitors', 'shm'].map((name) => join(store.runroot, name)))
  return folders.flatMap((folder) => {
    try {
      return readdirSync(folder).map((name) => `file: ${join(folder, name)}`)
    } catch {
      return []
    }
  })
}

/** Podman leaves its bridge, its firewall chains and its boot-time folders. */
const isLeak = (line: string): boolean =>
  !PODMAN || /^(process|mount|network namespace|IPC object):/.test(line)

/**
 * A store for the file that calls this, made before its tests. After them everything in it is removed by the program
 * under test, and whatever it left on the host fails the file.
 */
export function useStore(): Store {
  const store = new Store(mkdtempSync(join(inject('folder'), 'store-')))
  let before: Snapshot
  beforeAll(async () => {
    await copyTemplate(store.folder)
    before = takeSnapshot()
  })
  afterAll(async () => {
    try {
      await store.clear()
      await eventually(() => {
        const leaks = [...remains(store), ...findLeaks(before, [...store.marks]).filter(isLeak)]
        if (leaks.length > 0) throw new Error(`left behind:\n${leaks.join('\n')}`)
        return true
      }, 5)
    } finally {
      rmSync(store.folder, { recursive: true, force: true })
    }
  })
  return store
}
