import { rmSync } from 'node:fs'
import type { Server, Socket } from 'node:net'
import type { Kernel } from '../../kernel'
import { answer, createHandlers } from './calls'
import { createChildren } from './children'
import { createClock } from './clock'
import { type Connection, type ConnectionEvents, openConnection } from './connection'
import { ContainerLogs } from './container-log'
import { Containers } from './containers'
import { Execs } from './execs'
import type { MonitorHooks } from './hooks'
import { launchProgram, type ProgramContext } from './program'
import { createReadBuffer } from './read-buffer'
import { Relays } from './relays'
import { serialHooks } from './serial-hooks'
import { serve } from './server'
import type { ProgramStreams } from './streams'

export interface MonitorOptions {
  kernel: Kernel
  hooks: MonitorHooks
  runroot: string
  /** Path of the socket for clients. */
  socket: string
  report(doing: string, error: unknown): void
  withPlainOomScore: ProgramContext['withPlainOomScore']
  launch?: ProgramContext['launch']
}

const READ_BYTES = 64 << 10
/** Milliseconds until a failed leave is tried again, and how often. */
const LEAVE_AGAIN = 1_000
const LEAVE_TRIES = 5

/** One sandbox's monitor: its containers, its clients, and the decision to end. */
export class Monitor {
  readonly children
  private readonly containers
  private readonly execs
  private readonly relays
  private readonly handlers
  private readonly logs
  private readonly hooks
  private readonly connections = new Set<Connection>()
  private readonly events: ConnectionEvents
  private server?: Server
  private busy = 0
  private leaving = false
  private left = false
  private tries = 0

  /** `done` is called when nothing is left to do and every client has got what it was sent. */
  constructor(
    private readonly options: MonitorOptions,
    private readonly done: () => void,
  ) {
    const { kernel, runroot, report } = options
    const hooks = serialHooks(options.hooks)
    this.hooks = hooks
    const clock = createClock()
    this.children = createChildren(kernel)
    const programs: ProgramContext = {
      kernel,
      children: this.children,
      buffer: createReadBuffer(READ_BYTES),
      launch: options.launch ?? launchProgram,
      withPlainOomScore: options.withPlainOomScore,
    }
    const failed = (error: unknown) => report('write a log', error)
    this.logs = new ContainerLogs({ clock, failed, finished: () => this.considerLeaving() })
    const { logs } = this
    this.relays = new Relays(hooks)
    this.containers = new Containers({ programs, logs, clock, hooks, runroot, report }, (id) => {
      this.relays.close(id)
      this.considerLeaving()
    })
    this.execs = new Execs({ programs, hooks, runroot, report }, () => this.considerLeaving())
    this.handlers = createHandlers({ containers: this.containers, execs: this.execs, relays: this.relays })
    this.events = this.connectionEvents()
  }

  /** Takes clients at the socket. */
  async open(): Promise<void> {
    this.server = await serve(this.options.socket, (socket) => this.connect(socket))
  }

  /** Takes a client whose connection is open already. */
  connect(socket: Socket): void {
    this.connections.add(openConnection(socket, this.events))
  }

  private streams(): ProgramStreams[] {
    return [...this.containers.streams(), ...this.execs.streams()]
  }

  private connectionEvents(): ConnectionEvents {
    const each = (act: (streams: ProgramStreams) => void) => {
      for (const streams of this.streams()) act(streams)
    }
    return {
      control: (connection, message) => {
        this.busy++
        answer(this.handlers, message, connection)
          .catch(() => connection.end())
          .finally(() => {
            this.busy--
            this.considerLeaving()
          })
      },
      input: (connection, bytes) => each((streams) => streams.input(connection, bytes)),
      inputEnd: (connection) => each((streams) => streams.endInput(connection)),
      drained: () => each((streams) => streams.drained()),
      closed: (connection) => {
        this.connections.delete(connection)
        each((streams) => streams.detach(connection))
        this.considerLeaving()
      },
    }
  }

  private get isIdle(): boolean {
    return this.containers.isEmpty && this.execs.isEmpty && this.logs.isIdle && this.busy === 0
  }

  /** Ends the monitor if nothing needs it. Whoever is about to start a container holds the lock that `retire` takes. */
  considerLeaving(): void {
    if (this.left) this.considerEnd()
    else if (!this.leaving && this.isIdle) this.retire()
  }

  private retire(): void {
    this.leaving = true
    this.hooks
      .retire(() => this.leave())
      .catch((error: unknown) => {
        this.options.report('leave', error)
        if (++this.tries < LEAVE_TRIES) setTimeout(() => this.considerLeaving(), LEAVE_AGAIN)
        else this.leave()
      })
      .finally(() => {
        this.leaving = false
        if (this.left) this.considerEnd()
      })
  }

  private leave(): boolean {
    if (!this.isIdle) return false
    this.left = true
    this.server?.close()
    rmSync(this.options.socket, { force: true })
    return true
  }

  private considerEnd(): void {
    for (const connection of this.connections) if (!connection.waiting) connection.end()
    if (![...this.connections].some((connection) => connection.waiting)) this.done()
  }
}
