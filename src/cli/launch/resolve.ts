import { TspodError } from '../../errors'
import * as flag from '../flags'
import { globalFlags } from '../globals'
import { parseBool } from '../go-values'
import { type FlagDefinition, parseLine } from '../pflag'
import { explainUnknownGlobal, usageError } from '../usage-error'
import type { Manifest } from './manifest'

/** What a command line asks for. */
export type Target =
  | { kind: 'command'; id: string; path: string; argv: string[] }
  | { kind: 'help'; topic: string }
  | { kind: 'missing'; topic: string }
  | { kind: 'version' }

/** No command of tspod's. A plugin may have it. */
export class UnknownCommand extends TspodError {
  constructor(
    code: 'usage' | 'unsupported',
    message: string,
    /** The command's name and what follows it. */
    readonly words: readonly string[],
    /** What stood before it. */
    readonly flags: readonly string[],
  ) {
    super(code, message)
  }
}

const BIN = 'tspod'
const rootFlags = {
  ...globalFlags,
  version: flag.bool('Print the version', { char: 'v' }),
} as unknown as Record<string, FlagDefinition>
const topicFlags = globalFlags as unknown as Record<string, FlagDefinition>

const pathOf = (topic: string): string => (topic ? `${BIN} ${topic}` : BIN)

/** Walks down the tree of commands as cobra does: flags may stand at each level, and go on to the command. */
export async function resolveTarget(argv: readonly string[], manifest: Manifest): Promise<Target> {
  const names = [...Object.keys(manifest.commands), ...Object.keys(manifest.aliases)]
  const forwarded: string[] = []
  let topic = ''
  let rest = [...argv]
  for (;;) {
    const line = await levelFlags(rest, topic)
    if (line.help && (line.stopped || line.args.length === 0)) return { kind: 'help', topic }
    if (parseBool(line.values.get('version')?.[0] ?? 'false')) return { kind: 'version' }
    forwarded.push(...rest.slice(0, rest.length - line.args.length).filter((word) => word !== '--'))
    const [word, ...after] = line.args
    if (word === undefined) return { kind: 'missing', topic }
    const path = topic ? `${topic} ${word}` : word
    if (word === 'help' && topic === '') return { kind: 'help', topic: after.join(' ') }
    const isTopic = names.some((name) => name.startsWith(`${path} `))
    const id = manifest.aliases[path] ?? (path in manifest.commands ? path : undefined)
    if (isTopic && !(id && isCommandLine(after, path, names))) {
      topic = path
      rest = after
    } else if (id) {
      return { kind: 'command', id, path, argv: [...forwarded, ...after] }
    } else {
      const { code, message } = await unknownCommand(topic, line.args, names)
      throw new UnknownCommand(code, message, [...topicWords(topic), ...line.args], forwarded)
    }
  }
}

/** Where a name is both a command and a topic, the next word decides. */
const isCommandLine = (after: readonly string[], path: string, names: readonly string[]): boolean =>
  !names.some((name) => name === `${path} ${after[0]}` || name.startsWith(`${path} ${after[0]} `))

async function levelFlags(argv: string[], topic: string) {
  try {
    return parseLine(argv, topic ? topicFlags : rootFlags, false)
  } catch (error) {
    throw usageError(await explainUnknownGlobal(error), pathOf(topic))
  }
}

const topicWords = (topic: string): string[] => (topic ? topic.split(' ') : [])

interface Mistake {
  code: 'usage' | 'unsupported'
  message: string
}

async function unknownCommand(topic: string, words: string[], names: readonly string[]): Promise<Mistake> {
  const given = words[0] ?? ''
  const path = pathOf(topic)
  const { findPodmanCommand } = await import('../unsupported')
  const known = findPodmanCommand([...topicWords(topic), ...words.slice(0, 3)])
  if (known !== undefined && known !== topic) {
    return { code: 'unsupported', message: `\`${BIN} ${known}\` is not supported by tspod yet` }
  }
  const { suggestions } = await import('./suggestions')
  const close = suggestions(given, childrenOf(topic, names))
  const hint = close.length > 0 ? `\n\nDid you mean this?\n\t${close.join('\n\t')}\n` : ''
  return {
    code: 'usage',
    message: `unrecognized command \`${path} ${given}\`${hint}\nTry '${path} --help' for more information`,
  }
}

function childrenOf(topic: string, names: readonly string[]): string[] {
  const depth = topic ? topic.split(' ').length : 0
  const inside = topic ? names.filter((name) => name.startsWith(`${topic} `)) : names
  return [...new Set(inside.map((name) => name.split(' ')[depth] ?? ''))].sort()
}
