import { BaseCommand, flag } from '../../src/cli/base-command'
import { inspectContainers, inspectFormatFlag, printInspected } from '../../src/cli/inspect'
import { latestFlag } from '../../src/cli/selection-flags'
import { TspodError } from '../../src/errors'

export default class ContainerInspect extends BaseCommand {
  static override summary = 'Show all that is known of containers'
  static override usage = 'container inspect [options] CONTAINER [CONTAINER...]'
  static override examples = ["tspod container inspect --latest --format '{{.Id}} {{.Config.Labels}}'"]
  static override flags = {
    ...inspectFormatFlag,
    ...latestFlag('container'),
    size: flag.bool('Measure the files too', { char: 's' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ContainerInspect)
    const { latest, size, format } = flags
    if (argv.length === 0 && !latest) throw new TspodError('usage', 'no names or ids specified')
    if (argv.length > 0 && latest)
      throw new TspodError('usage', '--latest and arguments cannot be used together')
    printInspected(this, await inspectContainers(await this.engine, argv, { latest, size }), format)
  }
}
