import { BaseCommand, flag, noArgs } from '../src/cli/base-command'

export default class Version extends BaseCommand {
  static override summary = 'Display the tspod version information'
  static override usage = 'version [options]'
  static override arity = noArgs
  static override flags = {
    format: flag.string('Change the output format to JSON or a Go template', { char: 'f' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Version)
    this.print(`hello ${flags.format}`)
  }
}
