import type { Kernel, ProcessExit, ProcessId } from '../../kernel'
import { type Launch, type Launched, launch, type Stdio } from '../launch'
import { type AttachStreams, decodeProgram } from '../messages'
import type { Children } from './children'
import type { ContainerLog } from './container-log'
import type { ReadBuffer } from './read-buffer'
import { openStdio, type StdioRequest } from './stdio'
import { type OutputTarget, openStreams, type ProgramStreams } from './streams'

/** What starting programs takes. */
export interface ProgramContext {
  kernel: Kernel
  children: Children
  buffer: ReadBuffer
  /** Starts the program: `launch`, or what a test hands in. */
  launch: (kernel: Kernel, request: Launch, stdio: Stdio) => Promise<Launched>
  /** Runs what starts a process with the out-of-memory score that it is to inherit. */
  withPlainOomScore<T>(act: () => T): T
}

export interface ProgramRequest {
  launch: Launch
  stdio: StdioRequest
  log: ContainerLog
  stdinOnce: boolean
  /** The client that is attached from the first byte on. */
  client?: { target: OutputTarget; wanted: AttachStreams }
}

/** A program that a monitor started. */
export interface Program {
  process: ProcessId
  streams: ProgramStreams
  ended: Promise<ProcessExit>
}

export const launchProgram: ProgramContext['launch'] = (kernel, request, stdio) =>
  launch(kernel, { ...request, program: decodeProgram(request.program) }, stdio)

/** Starts a program with its standard streams. On failure nothing of it is left; the log is the caller's then. */
export const startProgram = async (context: ProgramContext, request: ProgramRequest): Promise<Program> => {
  const { kernel, children, buffer } = context
  const stdio = openStdio(kernel, request.stdio)
  try {
    const started = context.withPlainOomScore(() => context.launch(kernel, request.launch, stdio.theirs))
    const { pid, terminal } = await started
    const ended = children.ended(pid)
    // One that is down already has no identity left to find.
    const process = kernel.identify(pid) ?? { pid, startTime: 0, bootId: kernel.bootId() }
    const { client } = request
    const size = client?.wanted.size
    if (terminal !== undefined && size) kernel.setWindowSize(terminal, size)
    const streams = openStreams({
      kernel,
      buffer,
      log: request.log,
      stdio: stdio.ours,
      terminal,
      stdinOnce: request.stdinOnce,
      attached: new Map(client ? [[client.target, client.wanted]] : []),
    })
    return { process, streams, ended }
  } catch (error) {
    stdio.closeOurs()
    throw error
  } finally {
    stdio.closeTheirs()
  }
}
