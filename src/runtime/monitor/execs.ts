import { TspodError } from '../../errors'
import type { ProcessId } from '../../kernel'
import type { RequestOf, RunningExec, TerminalSize } from '../messages'
import type { Connection } from './connection'
import { noLog } from './container-log'
import type { MonitorHooks } from './hooks'
import { type Program, type ProgramContext, startProgram } from './program'
import { execStdioPrefix, removeStdio } from './stdio'
import type { ProgramStreams } from './streams'

export interface ExecsContext {
  programs: ProgramContext
  hooks: Pick<MonitorHooks, 'onExecExit'>
  runroot: string
  report(doing: string, error: unknown): void
}

interface RunningProgram extends RunningExec {
  streams: ProgramStreams
}

type ExecRequest = RequestOf<'exec'>

/** Further programs in containers: those of `exec -d`, and those that a client is attached to. */
export class Execs {
  private readonly execs = new Map<string, RunningProgram>()
  private starting = 0

  /** `gone` is told of each that ended. */
  constructor(
    private readonly context: ExecsContext,
    private readonly gone: () => void,
  ) {}

  get isEmpty(): boolean {
    return this.execs.size === 0 && this.starting === 0
  }

  async start(request: ExecRequest, connection: Connection): Promise<ProcessId> {
    const prefix = execStdioPrefix(this.context.runroot, request.containerId, request.execId)
    this.starting++
    try {
      const program = await startProgram(this.context.programs, {
        launch: request.launch,
        stdio: { kind: kindOf(request), prefix },
        log: noLog,
        stdinOnce: true,
        client: request.attach && { target: connection, wanted: request.attach },
      })
      const { execId, containerId } = request
      this.execs.set(execId, { execId, containerId, process: program.process, streams: program.streams })
      void this.untilDown(request, program)
      return program.process
    } finally {
      this.starting--
      removeStdio(prefix)
    }
  }

  private async untilDown({ execId, containerId }: ExecRequest, program: Program): Promise<void> {
    const { code, signal } = await program.ended
    program.streams.finish()
    program.streams.each((target) => target.send({ event: 'exec-exit', execId, exitCode: code, signal }))
    try {
      await this.context.hooks.onExecExit(execId, containerId, code)
    } catch (error) {
      this.context.report(`note the end of exec ${execId}`, error)
    }
    this.execs.delete(execId)
    this.gone()
  }

  resize(execId: string, size: TerminalSize): void {
    const exec = this.execs.get(execId)
    if (!exec) throw new TspodError('state', `exec session ${execId} is not running`, { object: execId })
    exec.streams.resize(size)
  }

  list(): RunningExec[] {
    return [...this.execs.values()].map(({ execId, containerId, process }) => ({
      execId,
      containerId,
      process,
    }))
  }

  streams(): ProgramStreams[] {
    return [...this.execs.values()].map(({ streams }) => streams)
  }
}

const kindOf = ({ launch, attach, stdin }: ExecRequest): 'null' | 'pipes' | 'output-pipes' => {
  if (launch.terminal || !attach) return 'null'
  return stdin ? 'pipes' : 'output-pipes'
}
