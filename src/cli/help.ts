import type { Interfaces } from '@oclif/core'
import type { BaseCommand } from './base-command'
import { globalFlags } from './globals'
import type { Manifest } from './launch/manifest'

const BIN = 'tspod'
const NAME_WIDTH = 11

/** What the folders of commands are about. */
const TOPICS: Record<string, string> = {
  '': 'Manage pods, containers and images',
  artifact: 'Manage OCI artifacts',
  container: 'Manage containers',
  generate: 'Generate structured data based on containers, pods or volumes',
  healthcheck: 'Manage health checks on containers',
  image: 'Manage images',
  kube: 'Play containers, pods or volumes from a structured file',
  manifest: 'Manipulate manifest lists and image indexes',
  network: 'Manage networks',
  pod: 'Manage pods',
  secret: 'Manage secrets',
  system: 'Manage tspod',
  volume: 'Manage volumes',
}

type CommandClass = typeof BaseCommand

/** `tspod run --help`, laid out as Podman's. `path` is the command as it was called. */
export function commandHelp(ctor: CommandClass, path: string): string {
  const id = (ctor.id ?? '').replaceAll(':', ' ')
  const summary = ctor.summary ?? ''
  const given = Array.isArray(ctor.usage) ? ctor.usage[0] : ctor.usage
  const usage = given?.startsWith(id) ? given.slice(id.length).trimStart() : (given ?? '[options]')
  const aliases = (ctor.aliases ?? []).filter((alias) => parentOf(alias) === parentOf(id)).map(lastWord)
  return [
    `${summary}\n`,
    `Description:\n${indent((ctor.description ?? summary).trimEnd(), 2)}\n`,
    `Usage:\n  ${`${path} ${usage}`.trimEnd()}\n`,
    aliases.length > 0 ? `Aliases:\n  ${[lastWord(id), ...aliases].join(', ')}\n` : '',
    examplesOf(ctor),
    optionsOf(ctor.flags as Interfaces.FlagInput),
    '',
  ]
    .filter((part, index, parts) => part !== '' || index === parts.length - 1)
    .join('\n')
}

const lastWord = (name: string): string => name.split(' ').at(-1) ?? ''
const parentOf = (name: string): string => name.split(' ').slice(0, -1).join(' ')

function indent(text: string, width: number): string {
  return text.replace(/^(?=.)/gm, ' '.repeat(width))
}

function examplesOf({ examples }: CommandClass): string {
  if (!examples?.length) return ''
  const lines = examples.map((example) => (typeof example === 'string' ? example : example.command))
  return `Examples:\n${indent(lines.join('\n'), 2)}\n`
}

function optionsOf(flags: Interfaces.FlagInput): string {
  const shown = Object.entries(flags ?? {}).filter(([, flag]) => !flag.hidden)
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
  const word = flag.type === 'option' && flag.helpValue ? ` ${flag.helpValue}` : ''
  return `${flag.char ? `  -${flag.char}, ` : '      '}--${name}${word}`
}

function meaningOf(flag: Interfaces.Flag<unknown>): string {
  const { default: value, description = '' } = flag
  const isZero = value === undefined || value === false || value === '' || value === 0
  if (isZero || (Array.isArray(value) && value.length === 0)) return description
  const shown =
    typeof value === 'string' ? `"${value}"` : Array.isArray(value) ? `[${value.join(',')}]` : String(value)
  return `${description} (default ${shown})`
}

/** Whether a name stands in its topic's list: a command itself, or the first name of one from another topic. */
function isListed(name: string, manifest: Manifest): boolean {
  const id = manifest.aliases[name] ?? name
  if (manifest.hidden.includes(id)) return false
  if (id === name) return true
  if (parentOf(id) === parentOf(name)) return false
  const sameTopic = Object.entries(manifest.aliases).find(
    ([alias, target]) => target === id && parentOf(alias) === parentOf(name),
  )
  return sameTopic?.[0] === name
}

function childrenOf(topic: string, manifest: Manifest): [string, string][] {
  const children = new Map<string, string>()
  const prefix = topic ? `${topic} ` : ''
  for (const name of [...Object.keys(manifest.commands), ...Object.keys(manifest.aliases)]) {
    if (!name.startsWith(prefix) || !isListed(name, manifest)) continue
    const [child = '', ...deeper] = name.slice(prefix.length).split(' ')
    if (deeper.length > 0) children.set(child, TOPICS[prefix + child] ?? '')
    else if (!children.has(child))
      children.set(child, manifest.commands[manifest.aliases[name] ?? name] ?? '')
  }
  return [...children].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** `tspod --help` and `tspod pod --help`; `load` gives the class where the words name a command after all. */
export function topicHelp(topic: string, manifest: Manifest, load: (id: string) => CommandClass): string {
  const id = manifest.aliases[topic] ?? topic
  const children = childrenOf(topic, manifest)
  if (children.length === 0 && id in manifest.commands) return commandHelp(load(id), `${BIN} ${topic}`)
  const summary = TOPICS[topic] ?? ''
  const width = Math.max(NAME_WIDTH, ...children.map(([name]) => name.length))
  return [
    `${summary}\n`,
    topic ? `Description:\n  ${summary}\n` : '',
    `Usage:\n  ${topic ? `${BIN} ${topic}` : `${BIN} [options]`} [command]\n`,
    `Available Commands:\n${children.map(([name, text]) => `  ${name.padEnd(width)} ${text}`.trimEnd()).join('\n')}\n`,
    topic ? '' : optionsOf(shownGlobals()),
    '',
  ]
    .filter((part, index, parts) => part !== '' || index === parts.length - 1)
    .join('\n')
}

function shownGlobals(): Interfaces.FlagInput {
  const flags: Interfaces.FlagInput = {}
  for (const [name, flag] of Object.entries(globalFlags)) flags[name] = { ...flag, hidden: false }
  const help = {
    type: 'boolean',
    allowNo: false,
    name: 'help',
    parse: async (given: boolean) => given,
  } as const
  flags.help = { ...help, description: `Help for ${BIN}` }
  flags.version = { ...help, name: 'version', char: 'v', description: `version for ${BIN}` }
  return flags
}
