/**
 * The class all commands extend. A command parses, makes one call into the engine, and prints:
 *
 *     import { BaseCommand, arity, flag } from '../../src/cli/base-command'
 *
 *     export default class PodStop extends BaseCommand {
 *       static override aliases = ['pod halt']
 *       static override summary = 'Stop one or more pods'
 *       static override usage = 'pod stop [options] POD [POD...]'
 *       static override examples = ['tspod pod stop mywebserverpod']
 *       static override flags = {
 *         all: flag.bool('Stop all running pods', { char: 'a' }),
 *         time: flag.uint('Seconds to wait for pod stop before killing', { char: 't', default: 10, aliases: ['timeout'] }),
 *         filter: flag.stringArray('Filter output based on conditions given', { char: 'f' }),
 *       }
 *
 *       async run(): Promise<void> {
 *         const { flags, argv, changed } = await this.parse(PodStop)
 *         arity.checkAllLatest(argv, { all: flags.all, filter: flags.filter })
 *         const engine = await this.engine
 *         for (const pod of await engine.stopPods(argv, { timeout: changed.has('time') ? flags.time : undefined })) {
 *           this.print(pod.id)
 *         }
 *       }
 *     }
 *
 * - `static arity = exactArgs(1)` (also noArgs, minimumArgs, maximumArgs, rangeArgs) is checked by `parse`.
 * - `static stopAtFirstArgument = true`: flags end at the first word (run, create, exec, top, pod create).
 * - Flags not given are undefined, `[]` for arrays and false for bool, unless they have a `default`.
 * - Use `argv`, the words in their order; oclif fills `args` only where a class names some.
 * - Print with `print` (a line) and `write` (as is), never with `process.stdout` or `console`.
 * - Throw TspodError; several: print the successes, then throw ManyErrors. `process.exitCode = 1` before
 *   the throw for the commands where Podman exits with 1; `this.exit(code)` ends silently.
 * - No import of `@oclif/core`, and nothing heavy at top level: load rare things with `await import()`.
 */
import type { Interfaces } from '@oclif/core'
import { Command } from '@oclif/core/command'
import { type Arity, anyArgs } from './arity'
import type { Engine } from './engine'
import type { FlagValues } from './flags'
import { type Globals, globalFlags, readGlobals } from './globals'
import { oclifArgv } from './oclif-argv'
import { exitCodeOf, inOurWords } from './oclif-error'
import { writeErr, writeOut } from './output'
import { type FlagDefinition, type ParsedLine, parseLine } from './pflag'
import { CommandExit, reportError } from './report-error'
import { explainUnknownFlag, usageError } from './usage-error'

export * as arity from './arity'
export { exactArgs, maximumArgs, minimumArgs, noArgs, rangeArgs } from './arity'
export * as flag from './flags'

/** What `parse` gives beside oclif's part. */
export interface CommandLine {
  /** The words that are no flags, in their order. */
  argv: string[]
  /** The flags that were given. */
  changed: ReadonlySet<string>
  /** How many words of `argv` stood before `--`; -1 without one. */
  argsBeforeDash: number
}

type Definitions = Record<string, FlagDefinition>

type Parsed<Flags> = Omit<Interfaces.ParserOutput, 'flags' | 'argv'> &
  CommandLine & { flags: FlagValues<Flags & typeof globalFlags> }

export abstract class BaseCommand extends Command {
  /** How many words the command takes. */
  static arity: Arity = anyArgs
  /** True where the words after the first one belong to a program in a container. */
  static stopAtFirstArgument = false
  static override baseFlags = globalFlags

  #globals: Globals | undefined
  #engine: Promise<Engine> | undefined

  /** The command as the user knows it: `tspod pod create`. */
  get commandPath(): string {
    return `${this.config.bin} ${(this.id ?? '').replaceAll(':', ' ')}`.trimEnd()
  }

  /** Valid after `parse`. */
  get globals(): Globals {
    this.#globals ??= readGlobals({})
    return this.#globals
  }

  /** The engine, loaded at first use, over the folders that the flags name. Valid after `parse`. */
  get engine(): Promise<Engine> {
    this.#engine ??= import('./engine').then(({ startEngine }) => startEngine(this.globals))
    return this.#engine
  }

  override async init(): Promise<void> {
    // oclif's own init loads its help to look for deprecated aliases, which tspod has none of
  }

  /**
   * pflag's rules and Podman's words first, which differ from oclif's. What is left is a command line without a doubt,
   * and oclif's parser reads it.
   */
  override parse<Flags extends Interfaces.FlagInput>(
    command: { flags: Flags },
    argv?: string[],
  ): Promise<Parsed<Flags>>
  override parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(
    options?: Interfaces.Input<F, B, A>,
    argv?: string[],
  ): Promise<Interfaces.ParserOutput<F, B, A> & CommandLine>
  override async parse<
    F extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    B extends Interfaces.OutputFlags<Interfaces.FlagInput>,
    A extends Interfaces.OutputArgs<Interfaces.ArgInput>,
  >(
    options?: Interfaces.Input<F, B, A>,
    argv: string[] = this.argv,
  ): Promise<Interfaces.ParserOutput<F, B, A> & CommandLine> {
    const ctor = this.constructor as typeof BaseCommand
    const flags = options?.flags ?? (ctor.flags as Interfaces.FlagInput<F>)
    const definitions = { ...ctor.baseFlags, ...flags } as unknown as Definitions
    const line = await this.#readLine(argv, definitions, ctor)
    const args = withoutStdin(ctor.args)
    // words without a name stay here: oclif would sort them, in time that grows with the square of their number
    const words = args ? line.args : []
    const input = { ...options, flags, baseFlags: ctor.baseFlags, args } as Interfaces.Input<F, B, A>
    const output = await super.parse<F, B, A>(input, oclifArgv(line.values, definitions, words))
    this.argv = argv
    this.#globals = readGlobals(output.flags as Parameters<typeof readGlobals>[0])
    ctor.arity(line.args, this.commandPath)
    return {
      ...output,
      argv: line.args,
      changed: new Set(line.values.keys()),
      argsBeforeDash: line.argsBeforeDash,
    }
  }

  /** Runs the command as oclif does: init, run, catch, finally. Throws a CommandExit where that ends the process. */
  async execute(): Promise<void> {
    await this._run()
  }

  /** Prints one line. */
  print(line = ''): void {
    writeOut(`${line}\n`)
  }

  /** Prints text or bytes as they are. */
  write(data: string | Uint8Array): void {
    writeOut(data)
  }

  override log(message = ''): void {
    this.print(message)
  }

  override logToStderr(message = ''): void {
    writeErr(`${message}\n`)
  }

  override exit(code = 0): never {
    throw new CommandExit(code)
  }

  /** Prints what went wrong. What goes on to oclif is an exit. */
  override async catch(error: Error): Promise<never> {
    if (exitCodeOf(error) !== undefined) throw error
    throw new CommandExit(reportError(inOurWords(error, this.commandPath)), error)
  }

  async #readLine(argv: string[], definitions: Definitions, ctor: typeof BaseCommand): Promise<ParsedLine> {
    let line: ParsedLine
    try {
      line = parseLine(argv, definitions, !ctor.stopAtFirstArgument)
    } catch (error) {
      throw usageError(await explainUnknownFlag(error, this.id ?? ''), this.commandPath)
    }
    if (line.help) {
      const { Help } = await import('./help')
      await new Help(this.config).showCommandHelp({ id: this.id, load: async () => ctor } as never)
      this.exit(0)
    }
    return line
  }
}

/** The arguments that a command names, if any; else oclif would wait for some on stdin. */
function withoutStdin(args: Interfaces.ArgInput): Interfaces.ArgInput | undefined {
  const named = Object.entries(args)
  if (named.length === 0) return undefined
  return Object.fromEntries(named.map(([name, arg]) => [name, { ...arg, ignoreStdin: true }]))
}
