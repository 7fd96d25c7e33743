import { readFileSync } from 'node:fs'
import { TspodError } from '../errors'
import type { Kernel, NamespaceKind, ProcessId } from '../kernel'
import { AT, O } from '../kernel/constants'
import { describeFailure } from './failure'
import type { StepNote } from './program/program'
import { openStatusSocket, type StatusMessage } from './program/status'

/** Where a descriptor of the program comes from: a file, a process (its pidfd), or one of its namespaces' files. */
export type DescriptorSource = { path: string } | { process: ProcessId; namespace?: NamespaceKind }

/** Everything that is needed to start a container's process, or one that joins it. Serialisable: a monitor keeps it for restarts. */
export interface Launch {
  /** The compiled program: an executable file. */
  program: string | Uint8Array
  notes: StepNote[]
  descriptors: { source: DescriptorSource; fd: number }[]
  /** The program makes a terminal in the container and hands out its master side. */
  terminal: boolean
  /** The command's name, for messages. */
  command: string
}

export interface Launched {
  /** The process; a child of the caller, to be reaped with `Kernel.reap`. */
  pid: number
  /** Descriptor of the terminal's master side. */
  terminal?: number
}

/** Descriptors of the new process's standard streams; not used where it gets a terminal. */
export interface Stdio {
  stdin: number
  stdout: number
  stderr: number
}

/** The status socket's number in the program; descriptors from the engine follow. Above what `--preserve-fds` uses. */
export const STATUS_FD = 100

const openProcess = (kernel: Kernel, process: ProcessId): number => {
  const fd = kernel.pidfdOpen(process.pid)
  // The pidfd pins whoever has the PID now; only then is it checked to be the one that was meant.
  if (fd !== undefined && kernel.isAlive(process)) return fd
  if (fd !== undefined) kernel.close(fd)
  throw new TspodError('state', `process ${process.pid}, whose namespaces are to be joined, is gone`)
}

const openSource = (kernel: Kernel, source: DescriptorSource): number => {
  if ('path' in source) return kernel.openat(AT.FDCWD, source.path, O.RDONLY)
  const { process, namespace } = source
  if (!namespace) return openProcess(kernel, process)
  const fd = kernel.openat(AT.FDCWD, `/proc/${process.pid}/ns/${namespace}`, O.RDONLY)
  // Whoever had the PID before has it still, so the file was its own.
  kernel.close(openProcess(kernel, process))
  return fd
}

const programFile = (kernel: Kernel, program: Launch['program']): { fd: number } | string => {
  const bytes = typeof program === 'string' ? readFileSync(program) : program
  const fd = kernel.executableMemory('tspod-init', bytes)
  if (fd !== undefined) return { fd }
  if (typeof program === 'string') return program
  throw new TspodError('system', 'memory files may not be executed here (sysctl vm.memfd_noexec)')
}

const failureOf = (launch: Launch, message: Extract<StatusMessage, { kind: 'failed' }>): TspodError => {
  return describeFailure(launch.notes[message.record], message.errno, launch.command)
}

interface Spawned {
  /** The process that was spawned; it ends as soon as it has made the container's. */
  starter: number
  pid?: number
  terminal?: number
  failed?: TspodError
}

const spawnProgram = (kernel: Kernel, launch: Launch, stdio: Stdio, status: number): number => {
  const opened: number[] = []
  const open = (fd: number) => {
    opened.push(fd)
    return fd
  }
  try {
    const program = programFile(kernel, launch.program)
    if (typeof program !== 'string') open(program.fd)
    const joined = launch.descriptors.map(({ source, fd }) => [open(openSource(kernel, source)), fd] as const)
    const streams = [stdio.stdin, stdio.stdout, stdio.stderr].map((fd, index) => [fd, index] as const)
    const descriptors = [...streams, [status, STATUS_FD] as const, ...joined]
    return kernel.spawn({ program, args: ['tspod-init'], env: [], descriptors })
  } finally {
    for (const fd of opened) kernel.close(fd)
  }
}

/**
 * Starts the program and waits until it has become the container's command, or failed. On failure nothing of it
 * is left running. Errors: command-not-found and command-not-executable for the command, system for everything else.
 */
export const launch = async (kernel: Kernel, request: Launch, stdio: Stdio): Promise<Launched> => {
  const status = openStatusSocket(kernel)
  const result: Spawned = { starter: 0 }
  try {
    try {
      result.starter = spawnProgram(kernel, request, stdio, status.theirs)
    } finally {
      kernel.close(status.theirs)
    }
    for (let message = await status.receive(); message; message = await status.receive()) {
      if (message.kind === 'started') result.pid = message.pid
      if (message.kind === 'terminal') result.terminal = message.fd
      if (message.kind === 'failed') result.failed = failureOf(request, message)
    }
    const starter = kernel.waitFor(result.starter)
    if (result.failed || result.pid === undefined) {
      if (result.pid !== undefined) kernel.waitFor(result.pid)
      throw (
        result.failed ??
        new TspodError('system', `init of ${request.command} ended early with ${starter.code}`)
      )
    }
    return { pid: result.pid, terminal: result.terminal }
  } catch (error) {
    if (result.terminal !== undefined) kernel.close(result.terminal)
    throw error
  } finally {
    status.close()
  }
}
