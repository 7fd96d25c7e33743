import { execFileSync, type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'

export const IMAGE = 'localhost/bench'

/** An ordinary user to run as. */
export interface Account {
  name: string
  uid: number
  gid: number
  home: string
}

/** One of the two programs that are compared, with a store of its own. */
export class Subject {
  private readonly options: string[]

  constructor(
    readonly name: 'tspod' | 'podman',
    private readonly program: string,
    folder: string,
    private readonly account?: Account,
  ) {
    const own = join(folder, `${name}${account ? '-user' : ''}`)
    mkdirSync(own, { recursive: true })
    if (account) execFileSync('chown', [`${account.uid}:${account.gid}`, own])
    this.options = ['--root', join(own, 'root'), '--runroot', join(own, 'run')]
    if (name === 'podman') this.options.push('--tmpdir', join(own, 'tmp'))
  }

  private get settings() {
    const { account } = this
    if (!account) return {}
    const env = { PATH: process.env.PATH, HOME: account.home, USER: account.name }
    return { uid: account.uid, gid: account.gid, cwd: account.home, env }
  }

  run(...args: string[]): SpawnSyncReturns<string> {
    return spawnSync(this.program, [...this.options, ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 1 << 28,
      ...this.settings,
    })
  }

  /** Output of a command that must succeed. */
  ok(...args: string[]): string {
    const { status, stdout, stderr } = this.run(...args)
    if (status !== 0) throw new Error(`${this.name} ${args.join(' ')}: exit ${status}\n${stderr}`)
    return stdout.trim()
  }

  /** Milliseconds of a command that must succeed; its output goes nowhere. */
  time(...args: string[]): number {
    const start = process.hrtime.bigint()
    const { status, stderr } = spawnSync(this.program, [...this.options, ...args], {
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
      ...this.settings,
    })
    const took = Number(process.hrtime.bigint() - start) / 1e6
    if (status !== 0) throw new Error(`${this.name} ${args.join(' ')}: exit ${status}\n${stderr}`)
    return took
  }

  /** Milliseconds until a command has printed all of its output into a pipe. */
  async timePiped(...args: string[]): Promise<number> {
    const start = process.hrtime.bigint()
    const child = spawn(this.program, [...this.options, ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
    child.stdout.resume()
    await new Promise((resolve) => child.on('close', resolve))
    return Number(process.hrtime.bigint() - start) / 1e6
  }

  /** Milliseconds until `count` of the same command, started at once, are done. */
  async timeAtOnce(count: number, ...args: string[]): Promise<number> {
    const start = process.hrtime.bigint()
    const children = Array.from({ length: count }, () =>
      spawn(this.program, [...this.options, ...args], { stdio: 'ignore' }),
    )
    const codes = await Promise.all(
      children.map((child) => new Promise((resolve) => child.on('close', resolve))),
    )
    if (codes.some((code) => code !== 0)) throw new Error(`${this.name} ${args.join(' ')}: exit ${codes}`)
    return Number(process.hrtime.bigint() - start) / 1e6
  }

  clear() {
    this.ok('pod', 'rm', '--force', '--all', '--time', '0')
    this.ok('rm', '--force', '--all', '--time', '0')
  }
}
