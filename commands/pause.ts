import { arity, BaseCommand, flag } from '../src/cli/base-command'
import { printDone } from '../src/cli/outcome'
import { cidfileFlag, filterFlag, latestFlag, withoutSlash } from '../src/cli/selection-flags'

export default class Pause extends BaseCommand {
  static override aliases = ['container pause']
  static override summary = 'Freeze all processes of one or more containers'
  static override usage = 'pause [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod pause web', 'tspod pause --all']
  static override flags = {
    all: flag.bool('All running containers', { char: 'a' }),
    ...cidfileFlag,
    ...filterFlag,
    ...latestFlag('container'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Pause)
    const { all, latest, filter, cidfile } = flags
    arity.checkAllLatest(argv, { all, latest, filter, idFiles: cidfile })
    const { containers } = await this.engine
    printDone(this, await containers.pause(withoutSlash(argv), { all, latest, filter, cidfile }))
  }
}
