import { BaseCommand, flag, noArgs } from '../../src/cli/base-command'
import { confirm } from '../../src/cli/confirm'
import { throwErrors } from '../../src/cli/outcome'

export default class PodPrune extends BaseCommand {
  static override summary = 'Remove all pods that have stopped, with their containers'
  static override usage = 'pod prune [options]'
  static override examples = ['tspod pod prune --force']
  static override arity = noArgs
  static override flags = { force: flag.bool('Do not ask', { char: 'f' }) }

  async run(): Promise<void> {
    const { flags } = await this.parse(PodPrune)
    if (!flags.force && !confirm(this, 'WARNING! This will remove all stopped/exited pods..')) return
    const { pods } = await this.engine
    const { results, errors } = await pods.prune()
    for (const { id } of results) this.print(id)
    throwErrors(errors)
  }
}
