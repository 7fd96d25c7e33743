import { execFileSync, spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { repository } from './places'
import { findProgram } from './rootfs'
import { rootfsArchive } from './template'
import { eventually } from './wait'

export interface UserOptions {
  name: string
  /** With ranges in /etc/subuid and /etc/subgid. */
  ranges: boolean
  /** Hide newuidmap and newgidmap from the user. */
  withoutMappers?: boolean
}

export interface Result {
  code: number
  stdout: string
  stderr: string
}

/** What the tests with an ordinary user need of the host. */
const NEEDED = ['useradd', 'userdel', 'setpriv', 'nsenter', 'unshare'] as const
export const missing = NEEDED.filter((name) => findProgram(name) === undefined)

const run = (program: string, ...args: string[]) =>
  execFileSync(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })

const dropRanges = (name: string) => {
  for (const file of ['/etc/subuid', '/etc/subgid'])
    if (existsSync(file)) run('sed', '-i', `/^${name}:/d`, file)
}

/** A copy of the program that everybody may read: the repository may lie in a closed folder. */
const install = (folder: string) => {
  for (const part of ['bin', 'dist', 'test/fixtures', 'node_modules/koffi', 'node_modules/@koromix']) {
    const filter = (path: string) => !path.includes('/.cache')
    cpSync(join(repository, part), join(folder, part), { recursive: true, dereference: true, filter })
  }
  run('chmod', '-R', 'a+rX', folder)
  chmodSync(folder, 0o755)
}

/** A user of the host for the tests of one file, with images `localhost/base` and `localhost/httpd`. */
export class OrdinaryUser {
  readonly folder = mkdtempSync(join(tmpdir(), 'tspod-user-'))
  readonly bin = join(this.folder, 'bin/tspod')
  readonly fixtures = join(this.folder, 'test/fixtures')
  uid = 0

  constructor(readonly options: UserOptions) {}

  get home(): string {
    return join(this.folder, 'home')
  }

  /** What logind makes for a user. */
  get runtime(): string {
    return join(this.folder, 'run')
  }

  get runroot(): string {
    return join(this.runtime, 'tspod')
  }

  create() {
    const { name, ranges } = this.options
    install(this.folder)
    run('useradd', '--no-create-home', '--home-dir', this.home, name)
    this.uid = Number(run('id', '-u', name))
    dropRanges(name)
    // far above what useradd gives to others
    if (ranges) run('usermod', '--add-subuids', '900000-965535', '--add-subgids', '900000-965535', name)
    for (const folder of [this.home, this.runtime]) {
      mkdirSync(folder, { mode: 0o700 })
      run('chown', `${name}:`, folder)
    }
    const archive = join(this.folder, 'rootfs.tar')
    cpSync(rootfsArchive(), archive)
    chmodSync(archive, 0o644)
    this.ok('import', '-c', 'CMD ["sh"]', archive, 'localhost/base')
    this.ok(
      'import',
      '-c',
      'CMD ["node","/srv/httpd.js","8080"]',
      '-c',
      'EXPOSE 8080',
      archive,
      'localhost/httpd',
    )
  }

  async remove() {
    const { name } = this.options
    try {
      this.ok('pod', 'rm', '--force', '--all', '--time', '0')
      this.ok('rm', '--force', '--all', '--time', '0')
      this.ok('system', 'migrate')
      await eventually(() => {
        const left = this.processes()
        if (left.length > 0) throw new Error(`left behind:\n${left.join('\n')}`)
        return true
      }, 5)
    } finally {
      for (const line of this.processes()) process.kill(Number.parseInt(line, 10), 'SIGKILL')
      run('userdel', name)
      dropRanges(name)
      rmSync(this.folder, { recursive: true, force: true })
    }
  }

  /** Runs a program as the user would, with nothing of our environment. */
  program(
    args: string[],
    options: { input?: string; env?: Record<string, string>; cwd?: string } = {},
  ): Result {
    const { name, withoutMappers } = this.options
    const env = {
      HOME: this.home,
      XDG_RUNTIME_DIR: this.runtime,
      PATH: process.env.PATH ?? '',
      ...options.env,
    }
    const drop = ['--reuid', name, '--regid', name, '--init-groups', '--', ...args]
    const hide = (tool: string) => `t=$(command -v ${tool}) && mount --bind /dev/null "$t"`
    const script = `${hide('newuidmap')}; ${hide('newgidmap')}; exec setpriv "$@"`
    const [program, rest] = withoutMappers
      ? ([findProgram('unshare')!, ['--mount', 'sh', '-c', script, 'sh', ...drop]] as const)
      : ([findProgram('setpriv')!, drop] as const)
    const result = spawnSync(program, rest, {
      env,
      cwd: options.cwd ?? this.home,
      input: options.input ?? '',
      encoding: 'utf8',
      timeout: 40_000,
      killSignal: 'SIGKILL',
    })
    return { code: result.status ?? -1, stdout: result.stdout.trimEnd(), stderr: result.stderr.trimEnd() }
  }

  run(args: string[], options: Parameters<OrdinaryUser['program']>[1] = {}): Result {
    return this.program([this.bin, ...args], options)
  }

  ok(...args: string[]): string {
    const { code, stdout, stderr } = this.run(args)
    if (code === 0) return stdout
    throw new Error(`${args.join(' ')}: exit ${code}\n${stderr}\n${stdout}`)
  }

  fails(code: number, ...args: string[]): string {
    const result = this.run(args)
    if (result.code === code) return result.stderr
    throw new Error(`${args.join(' ')}: exit ${result.code}, not ${code}\n${result.stderr}\n${result.stdout}`)
  }

  clear() {
    this.ok('pod', 'rm', '--force', '--all', '--time', '0')
    this.ok('rm', '--force', '--all', '--time', '0')
  }

  /** `PID command` of all that runs with the user's ids, zombies aside. */
  processes(): string[] {
    const own = (id: number) => id === this.uid || (id >= 900_000 && id <= 965_535)
    return readdirSync('/proc').flatMap((pid) => {
      try {
        // not the folder's owner, which is root where a process has closed itself off, as pasta does
        const status = /^\d+$/.test(pid) ? readFileSync(`/proc/${pid}/status`, 'latin1') : ''
        const uid = Number(/^Uid:\s+(\d+)/m.exec(status)?.[1] ?? 0)
        if (!own(uid) || /^State:\s+Z/m.test(status)) return []
        return [`${pid} ${readFileSync(`/proc/${pid}/comm`, 'latin1').trim()}`]
      } catch {
        return []
      }
    })
  }
}

/** Makes the user before the tests of the file that calls this, and looks after them that nothing is left. */
export function useOrdinaryUser(options: UserOptions): OrdinaryUser {
  const user = new OrdinaryUser(options)
  beforeAll(() => user.create(), 60_000)
  afterAll(() => user.remove(), 60_000)
  return user
}
