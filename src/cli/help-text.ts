/** The layout of help, which is Podman's: texts from what commands and topics say of themselves. */
import type { Interfaces } from '@oclif/core'
import type { Command } from '@oclif/core/command'
import { globalFlags } from './globals'

const NAME_WIDTH = 11

/** What a command says of itself, by its class or in oclif's memory of it. */
export type Described = Pick<Command.Cached, 'summary' | 'description' | 'usage' | 'aliases' | 'examples'> & {
  id: string
  flags?: Interfaces.FlagInput
  args?: Interfaces.ArgInput
}

/** `tspod run --help`. `path` is the command as it was called, with the program's name. */
export function commandText(command: Described, path: string): string {
  const summary = summaryOf(command)
  const aliases = command.aliases.filter((alias) => parentOf(alias) === parentOf(command.id)).map(lastWord)
  return sections([
    `${summary}\n`,
    `Description:\n${indent((command.description ?? summary).trimEnd(), 2)}\n`,
    `Usage:\n  ${`${path} ${usageOf(command)}`.trimEnd()}\n`,
    aliases.length > 0 ? `Aliases:\n  ${[lastWord(command.id), ...aliases].join(', ')}\n` : '',
    examplesOf(command),
    optionsOf(command.flags ?? {}),
  ])
}

/** `tspod --help` and `tspod pod --help`. */
export function topicText(bin: string, topic: string, summary: string, children: [string, string][]): string {
  const width = Math.max(NAME_WIDTH, ...children.map(([name]) => name.length))
  const lines = children.map(([name, text]) => `  ${name.padEnd(width)} ${text}`.trimEnd())
  return sections([
    `${summary}\n`,
    topic ? `Description:\n  ${summary}\n` : '',
    `Usage:\n  ${topic ? `${bin} ${topic}` : `${bin} [options]`} [command]\n`,
    `Available Commands:\n${lines.join('\n')}\n`,
    topic ? '' : optionsOf(shownGlobals(bin)),
  ])
}

const sections = (parts: string[]): string => [...parts.filter((part) => part !== ''), ''].join('\n')

/** Commands of other plugins may have no summary. */
export const summaryOf = ({ summary, description }: Pick<Described, 'summary' | 'description'>): string =>
  summary ?? description?.split('\n')[0] ?? ''

const lastWord = (name: string): string => name.split(' ').at(-1) ?? ''
export const parentOf = (name: string): string => name.split(' ').slice(0, -1).join(' ')

function indent(text: string, width: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(width))
}

function usageOf({ id, usage, args }: Described): string {
  const given = Array.isArray(usage) ? usage[0] : usage
  if (given !== undefined) return given.startsWith(id) ? given.slice(id.length).trimStart() : given
  const words = Object.entries(args ?? {}).filter(([, arg]) => !arg.hidden)
  return ['[options]', ...words.map(([name, { required }]) => (required ? name : `[${name}]`))].join(' ')
}

function examplesOf({ examples }: Described): string {
  if (!examples?.length) return ''
  const lines = examples.map((example) => (typeof example === 'string' ? example : example.command))
  return `Examples:\n${indent(lines.join('\n'), 2)}\n`
}

function optionsOf(flags: Interfaces.FlagInput): string {
  const shown = Object.entries(flags).filter(([, flag]) => !flag.hidden)
  if (shown.length === 0) return ''
  const rows = shown
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, flag]) => ({ left: labelOf(name, flag), right: meaningOf(flag) }))
  const width = Math.max(...rows.map(({ left }) => left.length)) + 3
  const lines = rows.map(({ left, right }) => {
    const [first = '', ...more] = right.split('\n')
    return [left.padEnd(width) + first, ...more.map((line) => ' '.repeat(width) + line)].join('\n')
  })
  return `Options:\n${lines.join('\n')}\n`
}

function labelOf(name: string, flag: Interfaces.Flag<unknown>): string {
  const word = flag.type === 'option' ? ` ${flag.helpValue ?? 'value'}` : ''
  return `${flag.char ? `  -${flag.char}, ` : '      '}--${name}${word}`
}

function meaningOf(flag: Interfaces.Flag<unknown>): string {
  const value: unknown = flag.default
  const description = flag.summary ?? flag.description ?? ''
  if (typeof value === 'function') return description
  const isZero = value === undefined || value === false || value === '' || value === 0
  if (isZero || (Array.isArray(value) && value.length === 0)) return description
  const shown =
    typeof value === 'string' ? `"${value}"` : Array.isArray(value) ? `[${value.join(',')}]` : String(value)
  return `${description} (default ${shown})`
}

function shownGlobals(bin: string): Interfaces.FlagInput {
  const flags: Interfaces.FlagInput = {}
  for (const [name, flag] of Object.entries(globalFlags)) flags[name] = { ...flag, hidden: false }
  const help = {
    type: 'boolean',
    allowNo: false,
    name: 'help',
    parse: async (given: boolean) => given,
  } as const
  flags.help = { ...help, description: `Help for ${bin}` }
  flags.version = { ...help, name: 'version', char: 'v', description: `version for ${bin}` }
  return flags
}
