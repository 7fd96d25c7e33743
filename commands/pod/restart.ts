import { arity, BaseCommand, flag } from '../../src/cli/base-command'
import { printDone } from '../../src/cli/outcome'
import { latestFlag } from '../../src/cli/selection-flags'

export default class PodRestart extends BaseCommand {
  static override summary = 'Restart all containers of one or more pods'
  static override usage = 'pod restart [options] POD [POD...]'
  static override examples = ['tspod pod restart web', 'tspod pod restart --all']
  static override flags = {
    all: flag.bool('All pods', { char: 'a' }),
    ...latestFlag('pod'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodRestart)
    const { all, latest } = flags
    arity.checkAllLatest(argv, { all, latest })
    const { pods } = await this.engine
    printDone(this, await pods.restart(argv, { all, latest }), 'id')
  }
}
