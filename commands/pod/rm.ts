import { arity, BaseCommand, flag } from '../../src/cli/base-command'
import { printDone } from '../../src/cli/outcome'
import { latestFlag, podIdFileFlag, secondsOf, timeFlag } from '../../src/cli/selection-flags'
import { TspodError } from '../../src/errors'

export default class PodRm extends BaseCommand {
  static override summary = 'Remove one or more pods with their containers'
  static override description =
    'A pod that has containers of its own that run is removed with --force alone, which stops them first.'
  static override usage = 'pod rm [options] POD [POD...]'
  static override examples = ['tspod pod rm web', 'tspod pod rm --force --time 0 --all']
  static override flags = {
    all: flag.bool('All pods', { char: 'a' }),
    force: flag.bool('Those that run too; and pass over those that are not there', { char: 'f' }),
    ignore: flag.bool('Pass over pods that are not there', { char: 'i' }),
    ...latestFlag('pod'),
    ...podIdFileFlag,
    ...timeFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodRm)
    const { all, latest, force, time } = flags
    const podIdFile = flags['pod-id-file']
    arity.checkAllLatest(argv, { all, latest, idFiles: podIdFile, idFileFlag: 'pod-id-file' })
    if (time !== undefined && !force)
      throw new TspodError('usage', '--force option must be specified to use the --time option')
    const ignore = flags.ignore || force
    const { pods } = await this.engine
    const outcome = await pods.remove(argv, { all, latest, force, ignore, podIdFile, time: secondsOf(time) })
    if (outcome.errors.some(({ code }) => code === 'not-found')) process.exitCode = 1
    printDone(this, outcome, 'id')
  }
}
