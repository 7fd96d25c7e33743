import { BaseCommand, flag } from '../src/cli/base-command'
import { printDone } from '../src/cli/outcome'
import { filterFlag, latestFlag, withoutSlash } from '../src/cli/selection-flags'
import { detachKeysFlag, standardStreams } from '../src/cli/stream-flags'
import { TspodError } from '../src/errors'

interface Asked {
  all: boolean
  latest: boolean
  attach: boolean
  filter: string[]
}

function check(names: readonly string[], { all, latest, attach, filter }: Asked): void {
  const refuse = (message: string) => {
    throw new TspodError('usage', message)
  }
  if (names.length === 0 && !latest && !all && filter.length === 0)
    refuse('start requires at least one argument')
  if (all && latest) refuse('--all and --latest cannot be used together')
  if (names.length > 0 && latest) refuse('--latest and containers cannot be used together')
  if (names.length > 1 && attach) refuse('you cannot start and attach multiple containers at once')
  if (names.length > 0 && all)
    refuse('either start all containers or the container(s) provided in the arguments')
  if (attach && all) refuse('you cannot start and attach all containers at once')
}

export default class Start extends BaseCommand {
  static override aliases = ['container start']
  static override summary = 'Start one or more containers'
  static override usage = 'start [options] CONTAINER [CONTAINER...]'
  static override examples = ['tspod start web', 'tspod start --attach --interactive shell']
  static override flags = {
    all: flag.bool('All containers, whatever their state'),
    attach: flag.bool('Attach to stdout and stderr', { char: 'a' }),
    ...detachKeysFlag,
    ...filterFlag,
    interactive: flag.bool('Attach to stdin too', { char: 'i' }),
    ...latestFlag('container'),
    'sig-proxy': flag.bool('Pass signals on to the process; the default with --attach'),
  }

  async run(): Promise<void> {
    const { flags, argv, changed } = await this.parse(Start)
    const { all, latest, attach, filter } = flags
    check(argv, { all, latest, attach, filter })
    const sigProxy = changed.has('sig-proxy') ? flags['sig-proxy'] : attach
    if (sigProxy && !attach) {
      throw new TspodError('usage', 'you cannot use sig-proxy without --attach: invalid argument')
    }
    const streams = attach
      ? { ...standardStreams(flags.interactive), sigProxy, detachKeys: flags['detach-keys'] }
      : undefined
    const { containers } = await this.engine
    const outcome = await containers.start(withoutSlash(argv), { all, latest, filter, streams })
    const [first] = outcome.results
    if (!attach || first === undefined) printDone(this, outcome)
    else this.exit(first.exitCode)
  }
}
