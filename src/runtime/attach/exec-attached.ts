import { TspodError } from '../../errors'
import type { Kernel, ProcessExit, ProcessId } from '../../kernel'
import { type Launch, launch } from '../launch'
import { createChildren } from '../monitor/children'
import { type AttachOutcome, Foreground } from './foreground'
import { openLocalPipes } from './local-pipes'
import { LocalStreams } from './local-streams'
import { PlainPump } from './plain-streams'
import { catchSignals } from './signal-proxy'

export interface ExecAttachedOptions {
  kernel: Kernel
  launch: Launch
  /** Our descriptors; those that are missing are /dev/null for the program, or dropped. */
  stdin?: number
  stdout?: number
  stderr?: number
  detachKeys: string
  sigProxy: boolean
}

interface Started {
  process: ProcessId
  terminal: number
  ended: Promise<ProcessExit>
}

/** Runs `act` with the ends of children seen; a signal handler alone would not keep Node alive for them. */
const watchingChildren = async <T>(
  kernel: Kernel,
  act: (ended: (pid: number) => Promise<ProcessExit>) => Promise<T>,
): Promise<T> => {
  const children = createChildren(kernel)
  const check = () => children.check()
  const alive = setInterval(check, 60_000)
  process.on('SIGCHLD', check)
  try {
    return await act((pid) => children.ended(pid))
  } finally {
    process.off('SIGCHLD', check)
    clearInterval(alive)
  }
}

const startWithTerminal = async (
  { kernel, launch: request }: ExecAttachedOptions,
  streams: LocalStreams,
  ended: (pid: number) => Promise<ProcessExit>,
): Promise<Started> => {
  const nothing = openLocalPipes(kernel, { stdin: false, output: false })
  try {
    const { pid, terminal } = await launch(kernel, request, nothing.theirs)
    if (terminal === undefined) throw new TspodError('system', `process ${pid} has no terminal`)
    streams.open(terminal)
    // One that is down already has no identity left to find.
    const process = kernel.identify(pid) ?? { pid, startTime: 0, bootId: kernel.bootId() }
    return { process, terminal, ended: ended(pid) }
  } finally {
    nothing.closeTheirs()
  }
}

/** With pipes. */
const execPlain = async (options: ExecAttachedOptions): Promise<AttachOutcome> => {
  const { kernel, stdin, stdout, stderr } = options
  const pipes = openLocalPipes(kernel, { stdin: stdin !== undefined, output: true })
  const pump = new PlainPump(kernel, { ours: { stdin, stdout, stderr }, theirs: pipes.ours })
  const signals = options.sigProxy ? catchSignals() : undefined
  try {
    const { pid } = await launch(kernel, options.launch, pipes.theirs).finally(pipes.closeTheirs)
    // Our own child: as long as nobody waits for it, its PID is its own.
    const pidfd = kernel.pidfdOpen(pid)
    if (pidfd === undefined) throw new TspodError('state', `process ${pid} is gone`)
    signals?.direct((signal) => kernel.raw.call('pidfd_send_signal', pidfd, signal, null, 0) === 0)
    const passed = await pump.run(pidfd)
    kernel.close(pidfd)
    if (!passed) return { reason: 'output-closed' }
    const { code, signal } = kernel.waitFor(pid)
    return { reason: 'exec-exit', exitCode: code, signal }
  } finally {
    pump.close()
    signals?.close()
  }
}

/**
 * Runs a program with our own standard streams or terminal, this process being its parent, until it ends. With
 * `detached` as the outcome, the program goes on only as long as it does not mind losing its terminal.
 */
export const execAttached = (options: ExecAttachedOptions): Promise<AttachOutcome> =>
  options.launch.terminal ? execWithTerminal(options) : execPlain(options)

const execWithTerminal = (options: ExecAttachedOptions): Promise<AttachOutcome> =>
  watchingChildren(options.kernel, async (endOf) => {
    const { kernel } = options
    const peer = new LocalStreams(kernel)
    const foreground = new Foreground({ ...options, peer, tty: true })
    try {
      foreground.takeTerminal()
      const { process, terminal, ended } = await startWithTerminal(options, peer, endOf)
      const { size } = foreground.wanted
      if (size) kernel.setWindowSize(terminal, size)
      void ended.then(({ code, signal }) => peer.programEnded('', code, signal))
      return await foreground.follow({
        signal: (signal) => kernel.signal(process, signal),
        resize: (changed) => kernel.setWindowSize(terminal, changed),
      })
    } finally {
      foreground.close()
    }
  })
