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

export default class Restart extends BaseCommand {
  static override aliases = ['container restart']
  static override summary = 'Restart one or more containers'
  static override description = 'Stops the containers that run, then starts all that are named.'
  static override usage = 'restart [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod restart web', 'tspod restart --running']
  static override flags = {
    all: flag.bool('All containers, whatever their state', { char: 'a' }),
    ...cidfileFlag,
    ...filterFlag,
    ...latestFlag('container'),
    running: flag.bool('Those alone that run'),
    ...timeFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Restart)
    const { all, latest, filter, running, cidfile } = flags
    // a lone --running stands for all containers that run
    if (!running) arity.checkAllLatest(argv, { all, latest, filter, idFiles: cidfile })
    const { containers } = await this.engine
    const options = { all, latest, filter, running, cidfile, time: secondsOf(flags.time) }
    printDone(this, await containers.restart(withoutSlash(argv), options))
  }
}
