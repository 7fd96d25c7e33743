import { arity, BaseCommand, flag } from '../src/cli/base-command'
import { printDone } from '../src/cli/outcome'
import { cidfileFlag, filterFlag, latestFlag, withoutSlash } from '../src/cli/selection-flags'

export default class Unpause extends BaseCommand {
  static override aliases = ['container unpause']
  static override summary = 'Let one or more paused containers go on'
  static override usage = 'unpause [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod unpause web', 'tspod unpause --all']
  static override flags = {
    all: flag.bool('All paused containers', { char: 'a' }),
    ...cidfileFlag,
    ...filterFlag,
    ...latestFlag('container'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Unpause)
    const { all, latest, filter, cidfile } = flags
    arity.checkAllLatest(argv, { all, latest, filter, idFiles: cidfile })
    const { containers } = await this.engine
    printDone(this, await containers.unpause(withoutSlash(argv), { all, latest, filter, cidfile }))
  }
}
