import { BaseCommand, exactArgs } from '../../src/cli/base-command'

export default class ImageExists extends BaseCommand {
  static override summary = 'Tell by the exit code whether an image is there'
  static override usage = 'image exists IMAGE'
  static override examples = ['tspod image exists web || tspod image from-host web']
  static override arity = exactArgs(1)

  async run(): Promise<void> {
    const { argv } = await this.parse(ImageExists)
    const [name = ''] = argv
    const { images } = await this.engine
    if (!(await images.exists(name))) this.exit(1)
  }
}
