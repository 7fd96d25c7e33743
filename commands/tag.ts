import { BaseCommand, minimumArgs } from '../src/cli/base-command'

export default class Tag extends BaseCommand {
  static override aliases = ['image tag']
  static override summary = 'Give another name to an image'
  static override usage = 'tag IMAGE TARGET_NAME [TARGET_NAME...]'
  static override examples = ['tspod tag host web:latest', 'tspod tag 0e3bbc2 registry.example:5000/web:v2']
  static override arity = minimumArgs(2)

  async run(): Promise<void> {
    const { argv } = await this.parse(Tag)
    const [name = '', ...names] = argv
    const { images } = await this.engine
    await images.tag(name, names)
  }
}
