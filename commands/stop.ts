import { arity, BaseCommand, flag } from '../src/cli/base-command'
import { printDone } from '../src/cli/outcome'
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
    'Sends each container its stop signal, and SIGKILL when it still runs after the time that it has for that.'
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
    const options = { all, latest, filter, ignore, cidfile, time: secondsOf(flags.time) }
    printDone(this, await containers.stop(withoutSlash(argv), options))
  }
}
