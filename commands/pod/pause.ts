import { arity, BaseCommand, flag } from '../../src/cli/base-command'
import { printDone } from '../../src/cli/outcome'
import { latestFlag } from '../../src/cli/selection-flags'

export default class PodPause extends BaseCommand {
  static override summary = 'Freeze all processes of one or more pods'
  static override usage = 'pod pause [options] POD [POD...]'
  static override examples = ['tspod pod pause web', 'tspod pod pause --all']
  static override flags = {
    all: flag.bool('All running pods', { char: 'a' }),
    ...latestFlag('pod'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodPause)
    const { all, latest } = flags
    arity.checkAllLatest(argv, { all, latest })
    const { pods } = await this.engine
    printDone(this, await pods.pause(argv, { all, latest }), 'id')
  }
}
