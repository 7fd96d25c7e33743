import type { Config, Interfaces } from '@oclif/core'
import type { Command } from '@oclif/core/command'
import type { Manifest } from './manifest'

/**
 * What oclif's Command asks of its Config. The real one searches the disk for plugins, themes and manifests; tspod's
 * build has already found what there is.
 */
export function makeConfig(manifest: Manifest): Config {
  const config = {
    bin: 'tspod',
    name: 'tspod',
    version: manifest.version,
    root: __dirname,
    topicSeparator: ' ',
    scopedEnvVarKeys: (): string[] => [],
    scopedEnvVar: (): undefined => undefined,
    runHook: async () => ({ successes: [], failures: [] }),
  }
  return config as unknown as Config
}

const colons = (name: string): string => name.replaceAll(' ', ':')

/** The same with what oclif's Help asks of it. */
export function makeHelpConfig(manifest: Manifest, load: (name: string) => Command.Class): Config {
  const describe = (id: string, name: string) => ({
    id: colons(id),
    summary: manifest.commands[name],
    aliases: Object.keys(manifest.aliases).filter((alias) => manifest.aliases[alias] === name),
    hidden: manifest.hidden.includes(name),
    load: async () => load(name),
  })
  const commands = [
    ...Object.keys(manifest.commands).map((name) => describe(name, name)),
    ...Object.entries(manifest.aliases).map(([alias, name]) => describe(alias, name)),
  ] as unknown as Command.Loadable[]
  const topics: Interfaces.Topic[] = Object.entries(manifest.topics ?? {}).map(([name, { description }]) => ({
    name: colons(name),
    description,
  }))
  const findCommand = (id: string) => commands.find((command) => command.id === id)
  return Object.assign(makeConfig(manifest), { commands, topics, findCommand })
}
