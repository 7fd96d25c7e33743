import { BaseCommand } from '../src/cli/base-command'
import { logFlags, logOptions, logPrinter } from '../src/cli/log-lines'
import { latestFlag, withoutSlash } from '../src/cli/selection-flags'
import { TspodError } from '../src/errors'

export default class Logs extends BaseCommand {
  static override aliases = ['container logs']
  static override summary = 'Show what one or more containers have printed'
  static override usage = 'logs [options] CONTAINER [CONTAINER...]'
  static override examples = [
    'tspod logs --tail 5 web',
    'tspod logs --follow --since 10m web',
    'tspod logs --names --color web db',
  ]
  static override flags = { ...logFlags, ...latestFlag('container') }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Logs)
    const { latest } = flags
    if (latest && argv.length > 0)
      throw new TspodError('usage', '--latest and containers cannot be used together')
    if (!latest && argv.length === 0)
      throw new TspodError('usage', 'specify at least one container name or ID to log')
    const options = { ...logOptions(flags), latest }
    const { containers } = await this.engine
    await containers.logs(withoutSlash(argv), options, logPrinter(flags))
  }
}
