import { BaseCommand } from '../src/cli/base-command'
import { TspodError } from '../src/errors'

export default class Unshare extends BaseCommand {
  static override summary = 'Run a command in the user namespace of your containers'
  static override description =
    'There you are root, and own the files that your containers wrote with other ids. Without a command your shell runs.'
  static override usage = 'unshare [options] [COMMAND [ARG...]]'
  static override examples = ['tspod unshare id', 'tspod unshare rm -r ~/data']
  static override stopAtFirstArgument = true

  async run(): Promise<void> {
    const { argv } = await this.parse(Unshare)
    const { SHELL } = process.env
    const command = argv.length > 0 ? argv : SHELL ? [SHELL] : []
    const { rootless } = await this.engine
    if (command.length === 0) throw new TspodError('usage', 'no command specified and no $SHELL specified')
    await rootless.unshare(command)
  }
}
