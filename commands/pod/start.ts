import { arity, BaseCommand, flag } from '../../src/cli/base-command'
import { printDone } from '../../src/cli/outcome'
import { latestFlag, podIdFileFlag } from '../../src/cli/selection-flags'

export default class PodStart extends BaseCommand {
  static override summary = 'Start all containers of one or more pods'
  static override usage = 'pod start [options] POD [POD...]'
  static override examples = ['tspod pod start web', 'tspod pod start --all']
  static override flags = {
    all: flag.bool('All pods', { char: 'a' }),
    ...latestFlag('pod'),
    ...podIdFileFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodStart)
    const { all, latest } = flags
    const podIdFile = flags['pod-id-file']
    arity.checkAllLatest(argv, { all, latest, idFiles: podIdFile, idFileFlag: 'pod-id-file' })
    const { pods } = await this.engine
    printDone(this, await pods.start(argv, { all, latest, podIdFile }))
  }
}
