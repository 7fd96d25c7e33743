import { BaseCommand } from '../../src/cli/base-command'
import { inspectFormatFlag, inspectImages, printInspected } from '../../src/cli/inspect'
import { TspodError } from '../../src/errors'

export default class ImageInspect extends BaseCommand {
  static override summary = 'Show all that is known of images'
  static override usage = 'image inspect [options] IMAGE [IMAGE...]'
  static override examples = ["tspod image inspect --format '{{.Config.Cmd}}' web"]
  static override flags = inspectFormatFlag

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageInspect)
    if (!argv.length) throw new TspodError('usage', 'no names or ids specified')
    printInspected(this, await inspectImages(await this.engine, argv, {}), flags.format)
  }
}
