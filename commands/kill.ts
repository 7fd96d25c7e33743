import { arity, BaseCommand, flag } from '../src/cli/base-command'
import { printDone } from '../src/cli/outcome'
import { cidfileFlag, latestFlag, signalFlag, withoutSlash } from '../src/cli/selection-flags'

export default class Kill extends BaseCommand {
  static override aliases = ['container kill']
  static override summary = 'Send a signal to the first process of one or more containers'
  static override usage = 'kill [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod kill web', 'tspod kill --signal HUP web']
  static override flags = {
    all: flag.bool('All running containers', { char: 'a' }),
    ...cidfileFlag,
    ...latestFlag('container'),
    ...signalFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Kill)
    const { all, latest, cidfile, signal } = flags
    arity.checkAllLatest(argv, { all, latest, idFiles: cidfile })
    const { containers } = await this.engine
    printDone(this, await containers.kill(withoutSlash(argv), { all, latest, cidfile, signal }))
  }
}
