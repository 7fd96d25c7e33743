import { BaseCommand } from '../src/cli/base-command'
import { latestFlag, withoutSlash } from '../src/cli/selection-flags'
import { alignTabs } from '../src/cli/table'
import { TspodError } from '../src/errors'

export default class Top extends BaseCommand {
  static override aliases = ['container top']
  static override summary = 'List the processes of a container'
  static override description =
    'Takes the names of columns (user, pid, hpid, args, seccomp, …), or options of ps(1), which then runs in the container.'
  static override usage = 'top [options] CONTAINER [FORMAT-DESCRIPTORS|ARGS...]'
  static override examples = ['tspod top web', 'tspod top web pid hpid args', 'tspod top web -eo pid,comm']
  static override stopAtFirstArgument = true
  static override flags = { ...latestFlag('container') }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Top)
    const { latest } = flags
    if (argv.length === 0 && !latest)
      throw new TspodError('usage', 'you must provide the name or id of a running container')
    const name = latest ? undefined : withoutSlash(argv)[0]
    const descriptors = latest ? argv : argv.slice(1)
    const { containers } = await this.engine
    const lines = await containers.top(name, { latest, descriptors })
    this.write(alignTabs(lines.map((line) => `${line}\n`).join('')))
  }
}
