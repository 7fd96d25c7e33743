import { TspodError } from '../errors'
import { quote, quoteRune } from './go-quote'
import { ValueError } from './go-values'

/** What is asked of a flag beside what oclif knows; see flags.ts for how they are made. */
export interface FlagDefinition {
  type: 'boolean' | 'option'
  char?: string
  aliases?: string[]
  multiple?: boolean
  allowNo?: boolean
  bare?: string
  /** The entries of one given text. */
  split?: (text: string) => string[]
  /** Understands one entry, or throws a ValueError. */
  read?: (text: string) => unknown
}

export interface ParsedLine {
  /** The flags that were given, with the texts that count: the last one, or all of a list. */
  values: Map<string, string[]>
  /** The words that are no flags, in their order. */
  args: string[]
  /** How many words stood before `--`; -1 without one. */
  argsBeforeDash: number
  /** `--help`, or `-h` where it means nothing else. */
  help: boolean
  /** `-h`: the words after it were not read. */
  stopped: boolean
}

/** A flag the command does not have. The caller may know why. */
export class UnknownFlag extends TspodError {
  /** As typed: `--foo` or `-f`. */
  readonly flag: string

  constructor(flag: string, message: string) {
    super('usage', message)
    this.flag = flag
  }
}

/**
 * pflag's FlagSet.Parse: long and short flags, clusters, `=`, `--`, the last of a repeated flag wins.
 * With `interspersed` false the flags end at the first word that is none. Values are only checked here, each where it
 * stands, as pflag stops at the first mistake: oclif's parser reads them.
 */
export function parseLine(
  argv: readonly string[],
  definitions: Record<string, FlagDefinition>,
  interspersed: boolean,
): ParsedLine {
  const set = new FlagSet(definitions)
  const args: string[] = []
  let argsBeforeDash = -1
  let at = 0
  while (at < argv.length && !set.stopped) {
    const word = argv[at++] ?? ''
    if (word.length < 2 || word[0] !== '-') {
      args.push(word)
      if (interspersed) continue
      break
    }
    if (word === '--') {
      argsBeforeDash = args.length
      break
    }
    at += word[1] === '-' ? set.long(word, argv[at]) : set.short(word, argv[at])
  }
  args.push(...argv.slice(at))
  return { values: set.values, args, argsBeforeDash, help: set.wantsHelp, stopped: set.stopped }
}

class FlagSet {
  readonly values = new Map<string, string[]>()
  /** By `--help`, which a later mistake outdoes, or by `-h`. */
  wantsHelp = false
  /** `-h` ends the reading at once. */
  stopped = false
  readonly #names = new Map<string, string>()
  readonly #chars = new Map<string, string>()

  constructor(private readonly definitions: Record<string, FlagDefinition>) {
    for (const name in definitions) {
      const definition = definitions[name] as FlagDefinition
      this.#names.set(name, name)
      for (const alias of definition.aliases ?? []) this.#names.set(alias, name)
      if (definition.char) this.#chars.set(definition.char, name)
    }
  }

  /** Returns how many words after it were taken. */
  long(word: string, next: string | undefined): number {
    const body = word.slice(2)
    if (body[0] === '-' || body[0] === '=') throw new TspodError('usage', `bad flag syntax: ${word}`)
    const equals = body.indexOf('=')
    const given = equals < 0 ? body : body.slice(0, equals)
    const name = this.#names.get(given)
    if (name === undefined) {
      if (given !== 'help') throw new UnknownFlag(`--${given}`, `unknown flag: --${given}`)
      this.wantsHelp = equals < 0 || body.slice(equals + 1) === 'true'
      return 0
    }
    const bare = this.#bare(name)
    if (equals >= 0) return this.#set(name, body.slice(equals + 1), 0)
    if (bare !== undefined) return this.#set(name, bare, 0)
    if (next === undefined) throw new TspodError('usage', `flag needs an argument: --${given}`)
    return this.#set(name, next, 1)
  }

  /** A cluster such as `-itd`, `-p8080:80` or `-v=x`. Returns how many words after it were taken. */
  short(word: string, next: string | undefined): number {
    let cluster = word.slice(1)
    while (cluster.length > 0) {
      const char = String.fromCodePoint(cluster.codePointAt(0) ?? 0)
      const name = this.#chars.get(char)
      if (name === undefined) {
        if (char !== 'h')
          throw new UnknownFlag(`-${char}`, `unknown shorthand flag: ${quoteRune(char)} in -${cluster}`)
        this.stopped = true
        this.wantsHelp = true
        return 0
      }
      const bare = this.#bare(name)
      if (cluster.length > 2 && cluster[1] === '=') return this.#set(name, cluster.slice(2), 0)
      if (bare !== undefined) {
        this.#set(name, bare, 0)
        cluster = cluster.slice(1)
        continue
      }
      if (cluster.length > 1) return this.#set(name, cluster.slice(1), 0)
      if (next === undefined)
        throw new TspodError('usage', `flag needs an argument: ${quoteRune(char)} in -${cluster}`)
      return this.#set(name, next, 1)
    }
    return 0
  }

  /** oclif's own boolean flags say nothing of it. */
  #bare(name: string): string | undefined {
    const definition = this.definitions[name]
    return definition?.bare ?? (definition?.type === 'boolean' ? 'true' : undefined)
  }

  #set(name: string, text: string, taken: number): number {
    const definition = this.definitions[name] as FlagDefinition
    try {
      const entries = definition.split?.(text) ?? [text]
      for (const entry of entries) definition.read?.(entry)
      const before = definition.multiple ? (this.values.get(name) ?? []) : []
      this.values.set(name, [...before, ...entries])
    } catch (error) {
      if (!(error instanceof ValueError)) throw error
      const label = definition.char ? `-${definition.char}, --${name}` : `--${name}`
      throw new TspodError('usage', `invalid argument ${quote(text)} for "${label}" flag: ${error.message}`)
    }
    return taken
  }
}
