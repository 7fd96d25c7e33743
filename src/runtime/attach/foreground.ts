import type { Kernel } from '../../kernel'
import type { AttachStreams, ContainerExit, EventMessage, TerminalSize } from '../messages'
import type { ClientSink } from './client'
import { parseDetachKeys } from './detach-keys'
import { type InputReader, readInput } from './input-reader'
import { OutputWriter } from './output-writer'
import { catchSignals, type SignalProxy } from './signal-proxy'
import { enterRawMode, type RawTerminal } from './terminal'

/** How an attachment ended. */
export type AttachOutcome =
  | { reason: 'exit'; exit: ContainerExit }
  | { reason: 'exec-exit'; exitCode: number; signal: number }
  /** The detach keys were typed. */
  | { reason: 'detached' }
  /** Nobody reads our standard output any more. */
  | { reason: 'output-closed' }
  /** The monitor is gone; its container may still run. */
  | { reason: 'lost' }

/** Where the container's streams are: a MonitorClient, or LocalStreams. */
export interface ForegroundPeer {
  listen(sink: ClientSink): void
  /** False where the caller should wait until `drained` is called. */
  writeInput(bytes: Uint8Array, drained: () => void): boolean
  endInput(): void
  readonly closed: Promise<void>
}

export interface ForegroundOptions {
  kernel: Pick<Kernel, 'makeRaw' | 'setTerminalMode' | 'windowSize'>
  peer: ForegroundPeer
  /** The container has a terminal. */
  tty: boolean
  /** Our descriptors; those that are missing are not attached. */
  stdin?: number
  stdout?: number
  stderr?: number
  /** Such as `ctrl-p,ctrl-q`; empty for none. They work where the container and we have a terminal. */
  detachKeys: string
  /** Hand our signals on to the container. They are caught from `openForeground` on. */
  sigProxy: boolean
}

export interface FollowTarget {
  /** Sends a signal to the container's process; false where that is gone. */
  signal(signal: number): boolean
  resize(size: TerminalSize): void
}

/** A command that stands in for a container's terminal or standard streams. */
export class Foreground {
  /** What to ask for in the `start` or `attach` request. */
  readonly wanted: AttachStreams
  private readonly detachKeys: Uint8Array
  private readonly writer: OutputWriter
  private readonly signals?: SignalProxy
  private input?: InputReader
  private terminal?: RawTerminal
  private resized: FollowTarget['resize'] = () => {}
  private finish: (outcome: AttachOutcome) => void = () => {}
  private readonly outcome: Promise<AttachOutcome>

  /** Throws where the detach keys make no sense. From now on the peer's output goes to our descriptors. */
  constructor(private readonly options: ForegroundOptions) {
    const { peer, stdin, stdout, stderr, tty } = options
    this.detachKeys = parseDetachKeys(options.detachKeys)
    const size = tty ? this.terminalSize() : undefined
    this.wanted = {
      stdin: stdin !== undefined,
      stdout: stdout !== undefined,
      stderr: stderr !== undefined && !tty,
      size,
    }
    this.writer = new OutputWriter(() => this.finish({ reason: 'output-closed' }))
    this.outcome = new Promise((resolve) => {
      this.finish = resolve
    })
    const fds = { stdout, stderr }
    peer.listen({
      output: (stream, bytes, release) => {
        const fd = fds[stream]
        if (fd === undefined) release()
        else this.writer.add(fd, bytes, release)
      },
      event: (event) => this.ended(event),
    })
    void peer.closed.then(() => this.finish({ reason: 'lost' }))
    if (options.sigProxy) this.signals = catchSignals()
  }

  private terminalSize(): TerminalSize | undefined {
    const { kernel, stdin, stdout } = this.options
    return [stdin, stdout].reduce<TerminalSize | undefined>(
      (size, fd) => size ?? (fd === undefined ? undefined : kernel.windowSize(fd)),
      undefined,
    )
  }

  private ended(event: EventMessage): void {
    if (event.event === 'exit') this.finish({ reason: 'exit', exit: event.exit })
    else this.finish({ reason: 'exec-exit', exitCode: event.exitCode, signal: event.signal })
  }

  /**
   * The container runs and this client is attached to it: passes on input, sizes and signals until the end. All output
   * is written and the terminal is as it was when this resolves.
   */
  async follow(target: FollowTarget): Promise<AttachOutcome> {
    try {
      this.signals?.direct(target.signal)
      this.openInput(target)
      const outcome = await this.outcome
      this.input?.close()
      if (outcome.reason !== 'output-closed') await this.writer.flush()
      return outcome
    } finally {
      this.close()
    }
  }

  /** Puts our terminal into raw mode. Before the program runs: what it prints must not be changed on the way. */
  takeTerminal(): void {
    const { kernel, stdin, tty } = this.options
    if (stdin === undefined || !tty || this.terminal) return
    this.terminal = enterRawMode(kernel, stdin, (size) => this.resized(size))
  }

  private openInput(target: FollowTarget): void {
    const { peer, stdin } = this.options
    if (stdin === undefined) return
    this.resized = target.resize
    this.takeTerminal()
    this.input = readInput(stdin, this.terminal ? this.detachKeys : new Uint8Array(), {
      write: (bytes, drained) => peer.writeInput(bytes, drained),
      end: () => peer.endInput(),
      detached: () => this.finish({ reason: 'detached' }),
    })
  }

  /** Puts everything back. Needed only where `follow` is not reached. */
  close(): void {
    this.input?.close()
    this.terminal?.restore()
    this.terminal = undefined
    this.signals?.close()
  }
}
