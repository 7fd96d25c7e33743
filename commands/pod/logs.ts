import { BaseCommand, flag } from '../../src/cli/base-command'
import { logFlags, logOptions, logPrinter } from '../../src/cli/log-lines'
import { latestFlag } from '../../src/cli/selection-flags'
import { TspodError } from '../../src/errors'

export default class PodLogs extends BaseCommand {
  static override summary = 'Show what the containers of a pod have printed'
  static override usage = 'pod logs [options] POD'
  static override examples = ['tspod pod logs --follow --names web', 'tspod pod logs -c front web']
  static override flags = {
    ...logFlags,
    ...latestFlag('pod'),
    container: flag.string('One container alone', { char: 'c', value: 'name' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodLogs)
    const { latest, container } = flags
    const refuse = (message: string) => {
      throw new TspodError('usage', message)
    }
    if (argv.length > 1) refuse('requires exactly 1 arg')
    if (latest && argv.length > 0) refuse('--latest and pods cannot be used together')
    if (!latest && argv.length === 0) refuse('specify at least one pod name or ID to log')
    const options = { ...logOptions(flags), latest, container: container || undefined }
    const { pods } = await this.engine
    await pods.logs(argv[0], options, logPrinter(flags))
  }
}
