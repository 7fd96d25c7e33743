import { BaseCommand } from '../../../src/cli/base-command'
import { makeConfig } from '../../../src/cli/launch/config'

type Flags = NonNullable<(typeof BaseCommand)['flags']>

/** What a command with these flags gets of a command line: pflag's rules, then oclif's parser. */
export function parseWith<Given>(flags: Given, argv: string[], interspersed = true) {
  class Probe extends BaseCommand {
    static override stopAtFirstArgument = !interspersed
    static override flags = flags as Flags

    async run(): Promise<void> {}

    read() {
      return this.parse({ flags: flags as Given & Flags })
    }
  }
  const config = makeConfig({ version: '1.0.0', build: 'x', commands: {}, aliases: {}, hidden: [] })
  return new Probe(argv, config).read()
}
