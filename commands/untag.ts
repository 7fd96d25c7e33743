import { BaseCommand, minimumArgs } from '../src/cli/base-command'

export default class Untag extends BaseCommand {
  static override aliases = ['image untag']
  static override summary = 'Take names from an image'
  static override description = 'Takes all of them where none is given. The image stays.'
  static override usage = 'untag IMAGE [IMAGE...]'
  static override examples = ['tspod untag web', 'tspod untag 0e3bbc2 web:latest']
  static override arity = minimumArgs(1)

  async run(): Promise<void> {
    const { argv } = await this.parse(Untag)
    const [name = '', ...names] = argv
    const { images } = await this.engine
    await images.untag(name, names)
  }
}
