import { BaseCommand, flag, noArgs } from '../../src/cli/base-command'
import { confirm } from '../../src/cli/confirm'

const warnings = {
  all: 'WARNING! This command removes all images without at least one container associated with them.',
  dangling: 'WARNING! This command removes all dangling images.',
}

export default class ImagePrune extends BaseCommand {
  static override summary = 'Remove images that nothing uses'
  static override description = 'Untagged ones, or with --all every image that no container was made from.'
  static override usage = 'image prune [options]'
  static override examples = ['tspod image prune --force', 'tspod image prune --all --filter until=24h']
  static override arity = noArgs
  static override flags = {
    all: flag.bool('Those with a name too', { char: 'a' }),
    filter: flag.stringArray('Those alone that fit, by label or until', { value: 'key=value' }),
    force: flag.bool('Do not ask', { char: 'f' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(ImagePrune)
    const { all, filter: filters, force } = flags
    if (!force && !confirm(this, all ? warnings.all : warnings.dangling)) return
    const { images } = await this.engine
    for (const { id } of await images.prune({ all, filters })) this.print(id)
  }
}
