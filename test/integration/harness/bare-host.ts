import { type ChildProcess, spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { execa } from 'execa'
import { BINARY, type Outcome } from './command'
import { findProgram } from './rootfs'
import type { Store } from './store'

/** What tspod may do without. */
const OPTIONAL = ['nft', 'iptables', 'ip', 'newuidmap', 'newgidmap', 'pasta', 'slirp4netns']

/** A view of this host without the optional programs: a mount namespace where something else lies over them. */
export class BareHost {
  private constructor(
    private readonly store: Store,
    private readonly holder: ChildProcess,
  ) {}

  static async open(store: Store): Promise<BareHost> {
    const paths = OPTIONAL.flatMap((name) => findProgram(name) ?? []).map((path) => realpathSync(path))
    const hide = [...new Set(paths)].map((path) => `mount --bind /dev/null ${path}`)
    const script = [...hide, 'echo ready', 'exec sleep 1000'].join(' && ')
    const holder = spawn('unshare', ['--mount', 'sh', '-c', script], { stdio: ['ignore', 'pipe', 'inherit'] })
    await new Promise((resolve, reject) => {
      holder.stdout?.once('data', resolve)
      holder.once('exit', () => reject(new Error('the optional programs could not be hidden')))
    })
    return new BareHost(store, holder)
  }

  async run(...args: string[]): Promise<Outcome> {
    const enter = ['--mount', '--target', String(this.holder.pid), BINARY, ...this.store.options, ...args]
    const result = await execa('nsenter', enter, { reject: false, stdin: 'ignore', timeout: 40_000 })
    return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr }
  }

  close() {
    this.holder.kill()
  }
}
