import { BaseCommand, exactArgs } from '../../src/cli/base-command'

export default class PodExists extends BaseCommand {
  static override summary = 'Tell by the exit code whether a pod exists'
  static override description = 'Ends with 0 where it exists, and with 1 where it does not.'
  static override usage = 'pod exists POD'
  static override examples = ['tspod pod exists web || tspod pod create --name web']
  static override arity = exactArgs(1)

  async run(): Promise<void> {
    const { argv } = await this.parse(PodExists)
    const { pods } = await this.engine
    if (!(await pods.exists(argv[0] ?? ''))) this.exit(1)
  }
}
