import { arity, BaseCommand, flag } from '../../src/cli/base-command'
import { printDone } from '../../src/cli/outcome'
import { latestFlag, signalFlag } from '../../src/cli/selection-flags'

export default class PodKill extends BaseCommand {
  static override summary = 'Send a signal to the first process of every container of one or more pods'
  static override usage = 'pod kill [options] POD [POD...]'
  static override examples = ['tspod pod kill web', 'tspod pod kill --signal TERM web']
  static override flags = {
    all: flag.bool('All running pods', { char: 'a' }),
    ...latestFlag('pod'),
    ...signalFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodKill)
    const { all, latest, signal } = flags
    arity.checkAllLatest(argv, { all, latest })
    const { pods } = await this.engine
    printDone(this, await pods.kill(argv, { all, latest, signal }), 'id')
  }
}
