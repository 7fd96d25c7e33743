import type { Command } from '@oclif/core/command'
import { HelpBase } from '@oclif/core/help'
import { commandText, type Described, parentOf, summaryOf, topicText } from './help-text'
import { writeOut } from './output'

const SUMMARY = 'Manage pods, containers and images'

const spaced = (id: string): string => id.replaceAll(':', ' ')

/** oclif's help, laid out as Podman's. package.json names it as oclif's `helpClass`. */
export class Help extends HelpBase {
  /** The help of what the words name: a command, a topic, or tspod itself. */
  async showHelp(argv: string[]): Promise<void> {
    const topic = this.#subject(argv)
    const children = this.#childrenOf(topic)
    const command = this.config.findCommand(topic.replaceAll(' ', ':'))
    if (command && children.length === 0) await this.showCommandHelp(command)
    else writeOut(topicText(this.config.bin, topic, topic ? this.#about(topic) : SUMMARY, children))
  }

  /** From the class: oclif's memory of it lacks the defaults of boolean flags, and has the global flags in it. */
  async showCommandHelp(command: Command.Loadable): Promise<void> {
    const found = await command.load()
    writeOut(this.#textOf({ ...ownPart(found), id: found.id ?? command.id }, command.id))
  }

  getCommandHelpForReadme(command: Command.Loadable): string {
    return this.#textOf(command as unknown as Described, command.id)
  }

  #textOf(command: Described, calledAs: string): string {
    const aliases = command.aliases.map(spaced)
    const text = commandText(
      { ...command, id: spaced(command.id), aliases },
      `${this.config.bin} ${spaced(calledAs)}`,
    )
    // what plugins may write; oclif's templates are slow to load
    return text.includes('<%') ? this.render(text) : text
  }

  /** The first words that name something. */
  #subject(argv: string[]): string {
    const dashes = argv.indexOf('--')
    const words = (dashes < 0 ? argv : argv.slice(0, dashes)).filter((word) => !word.startsWith('-'))
    if (words[0] === 'help') words.shift()
    const names = this.config.commands.map(({ id }) => spaced(id))
    for (let count = words.length; count > 0; count--) {
      const subject = words.slice(0, count).join(' ')
      if (names.some((name) => name === subject || name.startsWith(`${subject} `))) return subject
    }
    return words.join(' ')
  }

  #about(topic: string): string {
    return this.config.topics.find(({ name }) => spaced(name) === topic)?.description ?? ''
  }

  #childrenOf(topic: string): [string, string][] {
    const children = new Map<string, string>()
    const prefix = topic ? `${topic} ` : ''
    for (const [name, command] of this.#listed()) {
      if (!name.startsWith(prefix)) continue
      const [child = '', ...deeper] = name.slice(prefix.length).split(' ')
      if (deeper.length > 0) children.set(child, this.#about(prefix + child))
      else if (!children.has(child)) children.set(child, summaryOf(command))
    }
    return [...children].sort(([a], [b]) => (a < b ? -1 : 1))
  }

  /** oclif has a command under each of its names: here it stands in its own topic, and once in each other one. */
  #listed(): [string, Command.Loadable][] {
    const isAlias = ({ id, aliases }: Command.Loadable) => aliases.map(spaced).includes(spaced(id))
    const commands = this.config.commands.filter((command) => !isAlias(command) && !command.hidden)
    return commands.flatMap((command) => {
      const topics = new Map<string, string>()
      for (const name of [command.id, ...command.aliases].map(spaced)) {
        if (!topics.has(parentOf(name))) topics.set(parentOf(name), name)
      }
      return [...topics.values()].map((name): [string, Command.Loadable] => [name, command])
    })
  }
}

/** What the text is made of; a class has much more. */
function ownPart(command: Command.Class): Omit<Described, 'id'> {
  const { summary, description, usage, aliases, examples, flags, args } = command
  return { summary, description, usage, aliases: aliases ?? [], examples, flags, args }
}
