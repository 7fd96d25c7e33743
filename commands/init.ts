import { arity, BaseCommand, flag } from '../src/cli/base-command'
import { printDone } from '../src/cli/outcome'
import { latestFlag, withoutSlash } from '../src/cli/selection-flags'

export default class Init extends BaseCommand {
  static override aliases = ['container init']
  static override summary = 'Prepare one or more containers without running their commands'
  static override description =
    'Does what start does short of the command itself, so that the result can be looked at: namespaces, mounts, the OCI specification.'
  static override usage = 'init [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod init web']
  static override flags = {
    all: flag.bool('All containers', { char: 'a' }),
    ...latestFlag('container'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Init)
    const { all, latest } = flags
    arity.checkAllLatest(argv, { all, latest })
    const { containers } = await this.engine
    printDone(this, await containers.init(withoutSlash(argv), { all, latest }))
  }
}
