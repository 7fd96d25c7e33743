import { BaseCommand, flag, noArgs } from '../../src/cli/base-command'
import { confirm } from '../../src/cli/confirm'
import { throwErrors } from '../../src/cli/outcome'

export default class ContainerPrune extends BaseCommand {
  static override summary = 'Remove all containers that do not run'
  static override usage = 'container prune [options]'
  static override examples = ['tspod container prune --force --filter until=24h']
  static override arity = noArgs
  static override flags = {
    filter: flag.stringArray('Those alone that fit, by label or until', { value: 'key=value' }),
    force: flag.bool('Do not ask', { char: 'f' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(ContainerPrune)
    if (!flags.force && !confirm(this, 'WARNING! This will remove all non running containers.')) return
    const { containers } = await this.engine
    const { results, errors } = await containers.prune({ filter: flags.filter })
    for (const { id } of results) this.print(id)
    throwErrors(errors)
  }
}
