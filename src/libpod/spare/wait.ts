import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { Kernel } from '../../kernel'
import { O } from '../../kernel/constants'
import { POLL } from '../../kernel/polling'
import { ANSWER_BYTES, handOverProgram } from '../../runtime/program/hand-over'
import {
  circumstancesOf,
  fileStamp,
  namesDescriptors,
  type StartedProgram,
  startedWith,
  startVariables,
} from './circumstances'
import { LOCK_FD } from './leave'
import type { SparePlace } from './place'

/** How long a spare process waits for a command. */
const LIFE_MS = 10_000
/** How long a launcher may take from connecting to handing over its streams. */
const PATIENCE_MS = 100

const SIGKILL = 9
const STREAMS = 3
const COMM = 'tspod-spare'

/** A command that a launcher has handed over: it runs in this process, which has become what that one is. */
export interface HandedOver {
  /** What follows the launcher's name. */
  args: string[]
  /**
   * Ends the launcher with the command's code; its streams are given back. Works once. Where this process is `last`, the
   * launcher waits for its end.
   */
  end(code: number, last: boolean): void
}

export interface SpareOptions {
  place: SparePlace
  /** bin/tspod, and dist/launch.js: another version's commands are not taken. */
  files: { launcher: string; main: string }
  /** Whether a command may run here; `onTerminal` tells that a stream of it is a terminal. */
  accepts(args: readonly string[], onTerminal: boolean): boolean
}

interface Request {
  connection: number
  streams: number[]
}

const writeProgram = (kernel: Kernel, { program, socket }: SparePlace): void => {
  const bytes = handOverProgram(kernel.raw.arch, socket)
  try {
    if (readFileSync(program).equals(bytes)) return
  } catch {
    // the first one
  }
  const temporary = `${program}.${process.pid}`
  writeFileSync(temporary, bytes, { mode: 0o700 })
  renameSync(temporary, program)
}

const OWN_NAME = '/proc/self/comm'

class Waiting {
  readonly #listening: number
  readonly #own = circumstancesOf('self')
  readonly #variables = startVariables(process.env)
  readonly #files: string[]
  readonly #name = readFileSync(OWN_NAME, 'latin1').trim()

  constructor(
    private readonly kernel: Kernel,
    private readonly options: SpareOptions,
  ) {
    const { place } = options
    this.#files = this.#stamps()
    writeProgram(kernel, place)
    // where its filesystem is mounted noexec, bin/tspod must not try
    accessSync(place.program, constants.X_OK)
    rmSync(place.socket, { force: true })
    this.#listening = kernel.listenUnix(place.socket)
  }

  /** Undefined where nothing came, and when it is told to end. */
  command(): HandedOver | undefined {
    const until = Date.now() + LIFE_MS
    for (let left = LIFE_MS; left > 0; left = until - Date.now()) {
      if (!this.kernel.poll([{ fd: this.#listening, events: POLL.IN }], left)) continue
      const request = this.#accept()
      if (request?.streams.length === 0) return undefined
      const started = request && this.#examine(request)
      if (started) return this.#take(request, started)
      if (request) this.#refuse(request)
      if (this.#stamps().join() !== this.#files.join()) return undefined
    }
    return undefined
  }

  close(): void {
    rmSync(this.options.place.socket, { force: true })
    closeSync(this.#listening)
    closeSync(LOCK_FD)
  }

  #stamps(): string[] {
    const { launcher, main } = this.options.files
    return [fileStamp(launcher), fileStamp(main)]
  }

  #accept(): Request | undefined {
    const connection = this.kernel.acceptUnix(this.#listening)
    if (connection === undefined) return undefined
    const ready = this.kernel.poll([{ fd: connection, events: POLL.IN }], PATIENCE_MS)
    if (ready) return { connection, streams: this.kernel.receiveDescriptors(connection) }
    closeSync(connection)
    return undefined
  }

  #refuse({ connection, streams }: Request): void {
    for (const fd of [...streams, connection]) closeSync(fd)
  }

  /** What the launcher was started with, if its command would do the same here. */
  #examine({ connection, streams }: Request): StartedProgram | undefined {
    const { pid, uid } = this.kernel.unixPeer(connection)
    if (uid !== process.geteuid?.() || pid === 0 || streams.length !== STREAMS) return undefined
    try {
      if (circumstancesOf(pid) !== this.#own) return undefined
      const started = startedWith(pid)
      if (namesDescriptors(started)) return undefined
      const [, launcher = '', ...args] = started.args
      const file = launcher.startsWith('/') ? launcher : `/proc/${pid}/cwd/${launcher}`
      if (fileStamp(file) !== this.#files[0] || this.#stamps()[1] !== this.#files[1]) return undefined
      if (startVariables(started.env) !== this.#variables) return undefined
      const onTerminal = streams.some((fd) => this.kernel.isTerminal(fd))
      if (!this.options.accepts(args, onTerminal)) return undefined
      process.chdir(`/proc/${pid}/cwd`)
      return { args, env: started.env }
    } catch {
      // it has gone, or may not be looked at
      return undefined
    }
  }

  #take({ connection, streams }: Request, { args, env }: StartedProgram): HandedOver {
    const { kernel } = this
    this.close()
    streams.forEach((fd, index) => {
      kernel.raw.call('dup3', fd, index, O.CLOEXEC)
      closeSync(fd)
    })
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
    for (const name of Object.keys(env)) process.env[name] = env[name]
    // As if the launcher were this process: what kills it kills us.
    kernel.signalOnInput(connection, SIGKILL, true)
    if (kernel.poll([{ fd: connection, events: 0 }], 0)) kernel.exitProcess(128 + SIGKILL)
    writeFileSync(OWN_NAME, this.#name)
    answer(kernel, connection, process.pid)
    let open = true
    return {
      args,
      end: (code, last) => {
        if (!open) return
        open = false
        giveBack(kernel, connection)
        answer(kernel, connection, code)
        if (!last) closeSync(connection)
      },
    }
  }
}

const answer = (kernel: Kernel, connection: number, value: number): void => {
  const bytes = Buffer.alloc(ANSWER_BYTES)
  bytes.writeInt32LE(value)
  kernel.sendSocket(connection, bytes, bytes.length)
}

const giveBack = (kernel: Kernel, connection: number): void => {
  // whoever reads its output waits until all have closed it
  const nothing = openSync('/dev/null', 'r+')
  for (const fd of [0, 1, 2]) kernel.raw.call('dup3', nothing, fd, O.CLOEXEC)
  closeSync(nothing)
  process.chdir('/')
  kernel.signalOnInput(connection, SIGKILL, false)
}

/** Waits for a command that a launcher hands over; undefined where none came. */
export const waitForCommand = (kernel: Kernel, options: SpareOptions): HandedOver | undefined => {
  process.chdir('/')
  const waiting = new Waiting(kernel, options)
  writeFileSync(OWN_NAME, COMM)
  const command = waiting.command()
  if (!command) waiting.close()
  return command
}
