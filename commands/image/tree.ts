import { BaseCommand, exactArgs, flag } from '../../src/cli/base-command'
import { treeText } from '../../src/cli/image-tree'

export default class ImageTree extends BaseCommand {
  static override summary = 'Draw the layers of an image'
  static override usage = 'image tree [options] IMAGE'
  static override examples = ['tspod image tree web', 'tspod image tree --whatrequires base']
  static override arity = exactArgs(1)
  static override flags = {
    whatrequires: flag.bool('What is built on the image, instead of what it is built from'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageTree)
    const [name = ''] = argv
    const { images } = await this.engine
    this.print(treeText(await images.tree(name, { whatRequires: flags.whatrequires })))
  }
}
