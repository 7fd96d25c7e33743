import { TspodError } from '../../errors'
import type { ProcessExit, ProcessId } from '../../kernel'
import type { AttachStreams, ContainerExit, ContainerRun, ResponseOf } from '../messages'
import { type Clock, formatTime } from './clock'
import type { Connection } from './connection'
import type { ContainerLogs } from './container-log'
import { type Deferred, deferred } from './deferred'
import type { ExitVerdict, MonitorHooks } from './hooks'
import { type Program, type ProgramContext, startProgram } from './program'
import { containerStdioPrefix } from './stdio'
import type { ProgramStreams } from './streams'
import { within } from './within'

export interface ContainerContext {
  programs: ProgramContext
  logs: ContainerLogs
  clock: Clock
  hooks: MonitorHooks
  runroot: string
  /** Something went wrong that nobody waits for. */
  report(doing: string, error: unknown): void
}

export interface StartOptions {
  connection: Connection
  /** What of its output the client gets from the first byte on. */
  attach?: AttachStreams
  /** The client does the clean-up. */
  settle?: 'client'
}

const KILL = 9
/** Exit code of a container that ran out of its `--timeout`. */
const TIMED_OUT_CODE = 255
/** Milliseconds that a process may take to die of SIGKILL. */
const DEATH_TIME = 10_000

export const notRunning = (containerId: string): TspodError =>
  new TspodError('state', `container ${containerId} is not running`, { object: containerId })

/** A container from its start until it is down and cleaned up, over all its restarts. */
export class SupervisedContainer {
  /** The last end. */
  private exit?: ContainerExit
  private nextExit: Deferred<ContainerExit> = deferred()
  private readonly settled: Deferred<ContainerExit> = deferred()
  private readonly clientSettled: Deferred<true> = deferred()
  /** Missing while it waits to be run again. */
  private program?: Program
  /** The client that cleans up after the exit. */
  private settler?: Connection
  private timedOut = false
  private timeout?: NodeJS.Timeout
  private stopAsked = false
  /** Gives up waiting for a restart. */
  private giveUp?: () => void

  constructor(
    private readonly context: ContainerContext,
    private run: ContainerRun,
  ) {}

  get id(): string {
    return this.run.containerId
  }

  get process(): ProcessId | undefined {
    return this.program?.process
  }

  get tty(): boolean {
    return this.run.launch.terminal
  }

  /** Its standard streams, while it runs. */
  get streams(): ProgramStreams | undefined {
    return this.program?.streams
  }

  async start(options?: StartOptions): Promise<ProcessId> {
    const { run, context } = this
    const log = context.logs.open(run.log)
    try {
      const pipes = run.stdin ? 'pipes' : 'output-pipes'
      this.program = await startProgram(context.programs, {
        launch: run.launch,
        stdio: {
          kind: run.launch.terminal ? 'null' : pipes,
          prefix: containerStdioPrefix(context.runroot, run.containerId),
        },
        log,
        stdinOnce: run.stdinOnce,
        client: options?.attach && { target: options.connection, wanted: options.attach },
      })
    } catch (error) {
      log.close()
      throw error
    }
    this.settler = options?.settle === 'client' ? options.connection : undefined
    this.startTimeout(this.program.process)
    return this.program.process
  }

  private startTimeout(process: ProcessId): void {
    this.timedOut = false
    if (!(this.run.timeout > 0)) return
    this.timeout = setTimeout(() => {
      this.timedOut = true
      this.signal(process, KILL)
    }, this.run.timeout * 1000)
  }

  private signal(process: ProcessId, signal: number): void {
    try {
      this.context.programs.kernel.signal(process, signal)
    } catch (error) {
      this.context.report(`signal container ${this.id}`, error)
    }
  }

  /** Sees it to its end; resolves once it is down for good and cleaned up. */
  async supervise(): Promise<void> {
    try {
      while (this.program && (await this.untilDown(this.program)));
    } catch (error) {
      this.context.report(`watch over container ${this.id}`, error)
    }
    if (this.exit) this.settled.resolve(this.exit)
  }

  /** True where it runs again. */
  private async untilDown(program: Program): Promise<boolean> {
    const exit = this.exitOf(program, await program.ended)
    clearTimeout(this.timeout)
    program.streams.finish()
    program.streams.each((target) => target.send({ event: 'exit', exit }))
    this.program = undefined
    this.exit = exit
    this.nextExit.resolve(exit)
    this.nextExit = deferred()
    const verdict = await this.settle(exit)
    return verdict.action === 'restart' && (await this.runAgain(verdict))
  }

  private exitOf(program: Program, end: ProcessExit): ContainerExit {
    return {
      containerId: this.id,
      process: program.process,
      exitCode: this.timedOut ? TIMED_OUT_CODE : end.code,
      signal: end.signal,
      finishedAt: formatTime(this.context.clock()),
      timedOut: this.timedOut,
    }
  }

  private async settle(exit: ContainerExit): Promise<ExitVerdict> {
    if (await this.isSettledByClient()) return { action: 'end' }
    try {
      return await this.context.hooks.onExit(exit)
    } catch (error) {
      this.context.report(`clean up after container ${this.id}`, error)
      return { action: 'end' }
    }
  }

  // The client that promised to clean up may die on the way; then it is the monitor's task.
  private async isSettledByClient(): Promise<boolean> {
    const { settler } = this
    if (!settler || settler.closed) return false
    return Promise.race([this.clientSettled.promise, settler.gone.then(() => false)])
  }

  private async runAgain(verdict: ExitVerdict & { action: 'restart' }): Promise<boolean> {
    if (!(await this.waitDelay(verdict.delay))) return false
    const { hooks, report } = this.context
    try {
      this.run = verdict.run ?? this.run
      const process = await this.start()
      if (!(await hooks.onRestarted(this.id, process))) this.signal(process, KILL)
      return true
    } catch (error) {
      const failure = error instanceof Error ? error : new Error(String(error))
      await hooks
        .onRestartFailed(this.id, failure)
        .catch((second: unknown) => report(`restart container ${this.id}`, second))
      return this.program !== undefined
    }
  }

  private async waitDelay(delay: number): Promise<boolean> {
    if (this.stopAsked) return false
    const given = new Promise<boolean>((resolve) => {
      this.giveUp = () => resolve(false)
    })
    return (await within(given, delay)) ?? true
  }

  /**
   * Ends it: with `signal`, and after that many seconds with SIGKILL. Resolves once it is cleaned up; or, where nobody
   * else has promised to do that, once `settler` can.
   */
  async stop(signal: number, seconds: number, settler?: Connection): Promise<ResponseOf<'stop'>> {
    this.stopAsked = true
    this.giveUp?.()
    const { program } = this
    const settles = program && settler && (!this.settler || this.settler.closed)
    if (settles) this.settler = settler
    const killed = program ? await this.bringDown(program.process, signal, seconds) : false
    if (settles && this.exit) return { exit: this.exit, killed, settle: 'client' }
    return { exit: await this.settled.promise, killed }
  }

  private async bringDown(process: ProcessId, signal: number, seconds: number): Promise<boolean> {
    const down = this.nextExit.promise
    if (seconds > 0) {
      this.signal(process, signal)
      if (await within(down, seconds * 1000)) return false
    }
    this.signal(process, KILL)
    if (await within(down, DEATH_TIME)) return seconds > 0
    throw new TspodError('system', `container ${this.id}: process ${process.pid} does not die`)
  }

  /** Its end: when it is down, or when its clean-up is done too. */
  async ended(until: 'exit' | 'settled'): Promise<ContainerExit> {
    if (until === 'settled') return this.settled.promise
    return this.program || !this.exit ? this.nextExit.promise : this.exit
  }

  /** The client's clean-up is done. */
  markSettled(): void {
    this.clientSettled.resolve(true)
  }
}
