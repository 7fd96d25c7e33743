import {
  accessSync,
  closeSync,
  constants,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import type { Kernel } from '../../kernel'
import { O } from '../../kernel/constants'
import { POLL } from '../../kernel/polling'
import type { UnixPeer } from '../../kernel/unix-sockets'
import { ANSWER_BYTES, handOverProgram, readSent, type Sent } from '../../runtime/program/hand-over'
import { readHolder } from '../../runtime/rootless/holder-file'
import {
  circumstancesOf,
  fileStamp,
  isBeside,
  namesDescriptors,
  ownCircumstances,
  type StartedProgram,
  startedWith,
  startVariables,
} from './circumstances'
import { LISTENING_FD, LOCK_FD } from './leave'
import type { SparePlace } from './place'

/** How long a spare process waits for a command. */
const LIFE_MS = 10_000
/** How long a launcher may take from connecting to handing over its streams. */
const PATIENCE_MS = 100

const SIGKILL = 9
const COMM = 'tspod-spare'

/** A command that a launcher has handed over: it runs in this process, which has become what that one is. */
export interface HandedOver {
  /** What follows the launcher's name. */
  args: string[]
  /**
   * Ends the launcher with the command's code; its streams are given back. Where this process is `last`, the
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
  descriptors: number[]
  /** personality(2) of the launcher. */
  domain: number
}

// Packages are unpacked with times of their own, but not with this one.
const changedAt = (path: string): number => statSync(path, { throwIfNoEntry: false })?.ctimeMs ?? 0

// It is made anew after tspod has changed.
const writeProgram = (kernel: Kernel, { program, socket }: SparePlace, main: string): void => {
  if (changedAt(program) > changedAt(main)) return
  const temporary = `${program}.${process.pid}`
  writeFileSync(temporary, handOverProgram(kernel.raw.arch, socket), { mode: 0o700 })
  renameSync(temporary, program)
}

const OWN_NAME = '/proc/self/comm'

class Waiting {
  readonly #own: string
  readonly #domain: number
  readonly #variables = startVariables(process.env)
  readonly #files: string[]
  readonly #name = readFileSync(OWN_NAME, 'latin1').trim()

  constructor(
    private readonly kernel: Kernel,
    private readonly options: SpareOptions,
  ) {
    const { place } = options
    this.#own = ownCircumstances(place.holder !== undefined)
    this.#domain = kernel.raw.call('personality', 0xffffffff)
    this.#files = this.#stamps()
    writeProgram(kernel, place, options.files.main)
    // where its filesystem is mounted noexec, bin/tspod must not try
    accessSync(place.program, constants.X_OK)
  }

  /** Undefined where nothing came, and when it is told to end. */
  command(): HandedOver | undefined {
    const until = Date.now() + LIFE_MS
    for (let left = LIFE_MS; left > 0; left = until - Date.now()) {
      if (!this.kernel.poll([{ fd: LISTENING_FD, events: POLL.IN }], left)) continue
      const request = this.#accept()
      if (request?.descriptors.length === 0) return undefined
      const isOutdated = this.#stamps().join() !== this.#files.join()
      const sent = request && !isOutdated ? this.#examine(request) : undefined
      if (request && sent) return this.#take(request, sent)
      if (request) refuse(request)
      if (isOutdated) return undefined
    }
    return undefined
  }

  close(): void {
    rmSync(this.options.place.socket, { force: true })
    closeSync(LISTENING_FD)
    closeSync(LOCK_FD)
  }

  #stamps(): string[] {
    const { launcher, main } = this.options.files
    return [fileStamp(launcher), fileStamp(main)]
  }

  #accept(): Request | undefined {
    const connection = this.kernel.acceptUnix(LISTENING_FD)
    if (connection === undefined) return undefined
    const ready = this.kernel.poll([{ fd: connection, events: POLL.IN }], PATIENCE_MS)
    if (!ready) {
      closeSync(connection)
      return undefined
    }
    const { descriptors, data } = this.kernel.receiveUnix(connection)
    return { connection, descriptors, domain: data.length < 8 ? 0 : data.readInt32LE() }
  }

  /** What the launcher was started with, if its command would do the same here. */
  #examine({ connection, descriptors, domain }: Request): (StartedProgram & Sent) | undefined {
    const { kernel, options } = this
    const { holder } = options.place
    const sent = readSent(descriptors)
    if (!sent || !isOurs(kernel.unixPeer(connection))) return undefined
    // his namespaces may have been given up meanwhile
    if (holder && !isBeside(readHolder(holder))) return undefined
    if (circumstancesOf(sent, holder !== undefined) !== this.#own || domain !== this.#domain) return undefined
    const { args, env } = startedWith(sent)
    const [, launcher = '', ...words] = args
    const file = launcher.startsWith('/') ? launcher : `/proc/self/fd/${sent.cwd}/${launcher}`
    if (fileStamp(file) !== this.#files[0]) return undefined
    if (startVariables(env) !== this.#variables || namesDescriptors({ args, env })) return undefined
    const onTerminal = sent.streams.some((fd) => kernel.isTerminal(fd))
    return options.accepts(words, onTerminal) ? { ...sent, args: words, env } : undefined
  }

  #take({ connection, descriptors }: Request, sent: StartedProgram & Sent): HandedOver {
    const { kernel } = this
    this.close()
    sent.streams.forEach((fd, index) => {
      kernel.raw.call('dup3', fd, index, O.CLOEXEC)
    })
    process.chdir(`/proc/self/fd/${sent.cwd}`)
    for (const fd of descriptors) closeSync(fd)
    setEnvironment(sent.env)
    // As if the launcher were this process: what kills it kills us.
    kernel.signalOnInput(connection, SIGKILL, true)
    if (kernel.poll([{ fd: connection, events: 0 }], 0)) kernel.exitProcess(128 + SIGKILL)
    writeFileSync(OWN_NAME, this.#name)
    answer(kernel, connection, process.pid)
    return {
      args: sent.args,
      end: (code, last) => {
        giveBack(kernel, connection)
        answer(kernel, connection, code)
        if (!last) closeSync(connection)
      },
    }
  }
}

const isOurs = ({ uid, gid, groups }: UnixPeer): boolean => {
  // Node adds the effective one
  const own = new Set(process.getgroups?.())
  const theirs = new Set([...groups, gid])
  const isAlike = own.size === theirs.size && [...theirs].every((group) => own.has(group))
  return uid === process.geteuid?.() && gid === process.getegid?.() && isAlike
}

const refuse = ({ connection, descriptors }: Request): void => {
  for (const fd of [...descriptors, connection]) closeSync(fd)
}

// An ordinary user's launcher would have set this one when it entered his namespaces.
const setEnvironment = (given: Record<string, string>): void => {
  const { TSPOD_ROOTLESS } = process.env
  const env = TSPOD_ROOTLESS ? { ...given, TSPOD_ROOTLESS } : given
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name]
  for (const name of Object.keys(env)) process.env[name] = env[name]
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
