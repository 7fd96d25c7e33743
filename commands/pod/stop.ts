import { arity, BaseCommand, flag } from '../../src/cli/base-command'
import { printDone } from '../../src/cli/outcome'
import { latestFlag, podIdFileFlag, secondsOf, timeFlag } from '../../src/cli/selection-flags'

export default class PodStop extends BaseCommand {
  static override summary = 'Stop all containers of one or more pods'
  static override usage = 'pod stop [options] POD [POD...]'
  static override examples = ['tspod pod stop web', 'tspod pod stop --time 0 --all']
  static override flags = {
    all: flag.bool('All running pods', { char: 'a' }),
    ignore: flag.bool('Pass over pods that are not there', { char: 'i' }),
    ...latestFlag('pod'),
    ...podIdFileFlag,
    ...timeFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodStop)
    const { all, latest, ignore, time } = flags
    const podIdFile = flags['pod-id-file']
    arity.checkAllLatest(argv, { all, latest, idFiles: podIdFile, idFileFlag: 'pod-id-file' })
    const { pods } = await this.engine
    printDone(this, await pods.stop(argv, { all, latest, ignore, podIdFile, time: secondsOf(time) }))
  }
}
