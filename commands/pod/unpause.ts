import { arity, BaseCommand, flag } from '../../src/cli/base-command'
import { printDone } from '../../src/cli/outcome'
import { latestFlag } from '../../src/cli/selection-flags'

export default class PodUnpause extends BaseCommand {
  static override summary = 'Let one or more paused pods go on'
  static override usage = 'pod unpause [options] POD [POD...]'
  static override examples = ['tspod pod unpause web', 'tspod pod unpause --all']
  static override flags = {
    all: flag.bool('All paused pods', { char: 'a' }),
    ...latestFlag('pod'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodUnpause)
    const { all, latest } = flags
    arity.checkAllLatest(argv, { all, latest })
    const { pods } = await this.engine
    printDone(this, await pods.unpause(argv, { all, latest }), 'id')
  }
}
