import { BaseCommand } from '../../src/cli/base-command'
import { latestFlag } from '../../src/cli/selection-flags'
import { alignTabs } from '../../src/cli/table'
import { TspodError } from '../../src/errors'

export default class PodTop extends BaseCommand {
  static override summary = 'List the processes of the containers of a pod'
  static override description =
    'Takes the names of columns (user, pid, hpid, args, seccomp, …), or options of ps(1), which then runs in the containers.'
  static override usage = 'pod top [options] POD [FORMAT-DESCRIPTORS|ARGS...]'
  static override examples = ['tspod pod top web', 'tspod pod top web pid hpid args']
  static override stopAtFirstArgument = true
  static override flags = { ...latestFlag('pod') }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(PodTop)
    const { latest } = flags
    if (argv.length === 0 && !latest)
      throw new TspodError('usage', 'you must provide the name or id of a running pod')
    const [name, descriptors] = latest ? [undefined, argv] : [argv[0], argv.slice(1)]
    const { pods } = await this.engine
    const lines = await pods.top(name, { latest, descriptors })
    this.write(alignTabs(lines.map((line) => `${line}\n`).join('')))
  }
}
