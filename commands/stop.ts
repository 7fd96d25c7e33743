import { arity, BaseCommand, flag } from '../src/cli/base-command'
import { printOutcome } from '../src/cli/outcome'
import {
  cidfileFlag,
  filterFlag,
  latestFlag,
  secondsOf,
  timeFlag,
  withoutSlash,
} from '../src/cli/selection-flags'

export default class Stop extends BaseCommand {
  static override aliases = ['container stop']
  static override summary = 'Stop one or more containers'
  static override description =
    'Sends the stop signal of each container, and SIGKILL to those that still run when the time is up.'
  static override usage = 'stop [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod stop web', 'tspod stop --time 2 web db', 'tspod stop --all']
  static override flags = {
    all: flag.bool('All running containers', { char: 'a' }),
    ...cidfileFlag,
    ...filterFlag,
    ignore: flag.bool('Pass over containers that are not there', { char: 'i' }),
    ...latestFlag('container'),
    ...timeFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Stop)
    const { all, latest, filter, ignore, cidfile } = flags
    arity.checkAllLatest(argv, { all, latest, filter, idFiles: cidfile })
    const { containers } = await this.engine
    const selection = { all, latest, filter, ignore, cidfile }
    const outcome = await containers.stop(withoutSlash(argv), { ...selection, time: secondsOf(flags.time) })
    printOutcome(
      outcome,
      (line) => this.print(line),
      ({ rawInput }) => rawInput,
    )
  }
}
