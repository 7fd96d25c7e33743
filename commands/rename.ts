import { BaseCommand, exactArgs } from '../src/cli/base-command'
import { withoutSlash } from '../src/cli/selection-flags'

export default class Rename extends BaseCommand {
  static override aliases = ['container rename']
  static override summary = 'Give a container another name'
  static override usage = 'rename CONTAINER NAME'
  static override examples = ['tspod rename web front']
  static override arity = exactArgs(2)

  async run(): Promise<void> {
    const { argv } = await this.parse(Rename)
    const [container = '', name = ''] = withoutSlash(argv)
    const { containers } = await this.engine
    await containers.rename(container, name)
  }
}
