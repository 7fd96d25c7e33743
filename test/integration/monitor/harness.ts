import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openKernel } from '../../../src/kernel'
import { MonitorClient } from '../../../src/runtime/attach/client'
import type { AttachStreams, ContainerExit, ContainerRun } from '../../../src/runtime/messages'
import type { MonitorHooks } from '../../../src/runtime/monitor/hooks'
import { Monitor } from '../../../src/runtime/monitor/monitor'
import { monitorSocket } from '../../../src/runtime/monitor/paths'
import type { ProgramContext } from '../../../src/runtime/monitor/program'
import { openPty } from './pty'

export const kernel = openKernel()
export const SANDBOX = 'a'.repeat(64)

/** Plain shell scripts in the place of containers: no root filesystem, no namespaces. */
const launchScript: ProgramContext['launch'] = async (_kernel, launch, stdio) => {
  const env = ['PATH=/usr/bin:/bin']
  const script = ['/bin/sh', '-c', launch.command]
  if (!launch.terminal) {
    const streams = [stdio.stdin, stdio.stdout, stdio.stderr]
    const descriptors = streams.map((fd, index) => [fd, index] as const)
    return { pid: kernel.spawn({ program: '/bin/sh', args: script, env, descriptors, newSession: true }) }
  }
  const { master, slave } = openPty(kernel)
  const descriptors = [0, 1, 2].map((index) => [slave, index] as const)
  const args = ['setsid', '-c', ...script]
  const pid = kernel.spawn({ program: '/usr/bin/setsid', args, env, descriptors })
  kernel.close(slave)
  return { pid, terminal: master }
}

/** A monitor inside this process, with everything that it was told and told. */
export class Workbench {
  readonly runroot = mkdtempSync(join(tmpdir(), 'monitor-'))
  readonly exits: ContainerExit[] = []
  readonly reports: string[] = []
  readonly calls: string[] = []
  readonly done: Promise<void>
  readonly hooks: MonitorHooks
  private readonly monitor: Monitor
  private readonly check = () => this.monitor.children.check()
  private readonly clients: MonitorClient[] = []

  constructor(hooks: Partial<MonitorHooks> = {}) {
    this.hooks = {
      onExit: async (exit) => {
        this.exits.push(exit)
        return { action: 'end' }
      },
      onRestarted: async () => true,
      onRestartFailed: async (_id, error) => {
        this.calls.push(`restart failed: ${error.message}`)
      },
      onExecExit: async (execId, _id, code) => {
        this.calls.push(`${execId} ${code}`)
      },
      openRelay: async ({ ports }) => {
        this.calls.push(`relay ${ports.length}`)
        return { close: () => this.calls.push('relay closed') }
      },
      retire: async (leave) => leave(),
      ...hooks,
    }
    let finish = () => {}
    this.done = new Promise((resolve) => {
      finish = resolve
    })
    const options = {
      kernel,
      hooks: this.hooks,
      runroot: this.runroot,
      socket: monitorSocket(this.runroot, SANDBOX),
      report: (doing: string, error: unknown) => this.reports.push(`${doing}: ${error}`),
      withPlainOomScore: <T>(act: () => T) => act(),
      launch: launchScript,
    }
    this.monitor = new Monitor(options, finish)
    process.on('SIGCHLD', this.check)
  }

  async open(): Promise<this> {
    await this.monitor.open()
    return this
  }

  async client(): Promise<MonitorClient> {
    const client = await MonitorClient.connect(this.runroot, SANDBOX)
    if (!client) throw new Error('no monitor')
    this.clients.push(client)
    return client
  }

  run(containerId: string, command: string, more: Partial<ContainerRun> & { terminal?: boolean } = {}) {
    const { terminal = false, ...rest } = more
    mkdirSync(join(this.runroot, 'containers', containerId), { recursive: true })
    const run: ContainerRun = {
      containerId,
      launch: { program: '', notes: [], descriptors: [], terminal, command },
      log: { driver: 'k8s-file', path: this.logPath(containerId) },
      stdin: false,
      stdinOnce: false,
      timeout: 0,
      ...rest,
    }
    return run
  }

  logPath(containerId: string): string {
    return join(this.runroot, 'containers', containerId, 'ctr.log')
  }

  /** Messages of the log, without their times. */
  log(containerId: string): string {
    return readFileSync(this.logPath(containerId), 'latin1').replace(/^\S+ /gm, '')
  }

  close(): void {
    for (const client of this.clients) client.close()
    process.off('SIGCHLD', this.check)
    rmSync(this.runroot, { recursive: true, force: true })
  }
}

/** Collects what an attached client is sent. */
export const collect = (client: MonitorClient) => {
  const seen = { stdout: '', stderr: '' }
  let ended: (exit: ContainerExit) => void = () => {}
  const exit = new Promise<ContainerExit>((resolve) => {
    ended = resolve
  })
  client.listen({
    output: (stream, bytes, release) => {
      seen[stream] += Buffer.from(bytes).toString('latin1')
      release()
    },
    event: (event) => {
      if (event.event === 'exit') ended(event.exit)
    },
  })
  return { seen, exit }
}

export const ALL: AttachStreams = { stdin: true, stdout: true, stderr: true }
