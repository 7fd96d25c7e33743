import { BaseCommand } from '../../src/cli/base-command'
import { inspectFormatFlag, inspectPods, printInspected } from '../../src/cli/inspect'
import { latestFlag } from '../../src/cli/selection-flags'
import { TspodError } from '../../src/errors'

export default class PodInspect extends BaseCommand {
  static override summary = 'Show all that is known of pods'
  static override usage = 'pod inspect [options] POD [POD...]'
  static override examples = ["tspod pod inspect --format '{{.SharedNamespaces}}' web"]
  static override flags = { ...inspectFormatFlag, ...latestFlag('pod') }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodInspect)
    const { latest, format } = flags
    if (argv.length === 0 && !latest) throw new TspodError('usage', 'no names or ids specified')
    if (argv.length > 0 && latest)
      throw new TspodError('usage', '--latest and arguments cannot be used together')
    printInspected(this, await inspectPods(await this.engine, argv, { latest }), format)
  }
}
