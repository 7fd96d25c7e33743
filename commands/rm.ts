import { arity, BaseCommand, flag } from '../src/cli/base-command'
import { printDone, setRemovalExitCode } from '../src/cli/outcome'
import { cidfileFlag, latestFlag, secondsOf, timeFlag, withoutSlash } from '../src/cli/selection-flags'
import { TspodError } from '../src/errors'

export default class Rm extends BaseCommand {
  static override aliases = ['container rm']
  static override summary = 'Remove one or more containers'
  static override description = 'A container that runs is removed with --force alone, which stops it first.'
  static override usage = 'rm [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod rm web', 'tspod rm --force --time 0 web', 'tspod rm --all']
  static override flags = {
    all: flag.bool('All containers', { char: 'a' }),
    ...cidfileFlag,
    depend: flag.bool('Also the containers that depend on them'),
    filter: flag.stringArray('Those alone that fit', { value: 'key=value' }),
    force: flag.bool('Those that run too; and pass over those that are not there', { char: 'f' }),
    ignore: flag.bool('Pass over containers that are not there', { char: 'i' }),
    ...latestFlag('container'),
    ...timeFlag,
    volumes: flag.bool('Also the volumes without a name that came with them', { char: 'v' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Rm)
    const { all, latest, filter, force, cidfile, volumes, time } = flags
    arity.checkAllLatest(argv, { all, latest, filter, idFiles: cidfile })
    if (time !== undefined && !force) {
      throw new TspodError('usage', '--force option must be specified to use the --time option')
    }
    const { containers } = await this.engine
    const outcome = await containers.remove(withoutSlash(argv), {
      all,
      latest,
      filter,
      force,
      cidfile,
      volumes,
      depend: flags.depend || all,
      ignore: flags.ignore || force,
      time: secondsOf(time),
    })
    setRemovalExitCode(outcome.errors)
    printDone(this, outcome)
  }
}
