import { closeSync } from 'node:fs'
import type { Kernel, ProcessId } from '../../kernel'
import { checked } from '../../kernel'
import { type Launch, launch } from '../launch'
import { createChildren } from '../monitor/children'
import { type AttachOutcome, Foreground } from './foreground'
import { LocalStreams } from './local-streams'

export interface ExecAttachedOptions {
  kernel: Kernel
  launch: Launch
  /** Our descriptors; those that are missing are /dev/null for the program, or dropped. */
  stdin?: number
  stdout?: number
  stderr?: number
  detachKeys: string
  sigProxy: boolean
  /** The program runs. */
  started?: (process: ProcessId) => void
}

interface Pipe {
  read: number
  write: number
}

const O_CLOEXEC = 0o2000000
const O_NONBLOCK = 0o4000
const F_SETFL = 4

const makePipe = (kernel: Kernel, ours: keyof Pipe): Pipe => {
  const fds = Buffer.alloc(8)
  checked(kernel.raw.call('pipe2', fds, O_CLOEXEC), 'pipe2', 'standard stream')
  const pipe = { read: fds.readInt32LE(0), write: fds.readInt32LE(4) }
  kernel.fcntl(pipe[ours], F_SETFL, O_NONBLOCK)
  return pipe
}

/**
 * Runs a program with our own standard streams or terminal, this process being its parent, until it ends. With
 * `detached` as the outcome, the program goes on only as long as it does not mind losing its terminal.
 */
export const execAttached = async (options: ExecAttachedOptions): Promise<AttachOutcome> => {
  const { kernel, stdin } = options
  const tty = options.launch.terminal
  const peer = new LocalStreams(kernel)
  const foreground = new Foreground({ ...options, peer, tty })
  const children = createChildren(kernel)
  const check = () => children.check()
  process.on('SIGCHLD', check)
  try {
    const input = tty || stdin === undefined ? undefined : makePipe(kernel, 'write')
    const stdout = tty ? undefined : makePipe(kernel, 'read')
    const stderr = tty ? undefined : makePipe(kernel, 'read')
    const nothing = kernel.openat(-100, '/dev/null', 2)
    const theirs = {
      stdin: input?.read ?? nothing,
      stdout: stdout?.write ?? nothing,
      stderr: stderr?.write ?? nothing,
    }
    const { pid, terminal } = await launch(kernel, options.launch, theirs)
    for (const fd of new Set([...Object.values(theirs), nothing])) closeSync(fd)
    const ended = children.ended(pid)
    const program = kernel.identify(pid) ?? { pid, startTime: 0, bootId: kernel.bootId() }
    if (terminal !== undefined && foreground.wanted.size)
      kernel.setWindowSize(terminal, foreground.wanted.size)
    peer.open({ terminal, stdin: input?.write, stdout: stdout?.read, stderr: stderr?.read })
    options.started?.(program)
    void ended.then(({ code, signal }) => peer.programEnded('', code, signal))
    return await foreground.follow({
      signal: (signal) => kernel.signal(program, signal),
      resize: (size) => terminal !== undefined && kernel.setWindowSize(terminal, size),
    })
  } finally {
    process.off('SIGCHLD', check)
    foreground.close()
  }
}
