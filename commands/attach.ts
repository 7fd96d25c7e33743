import { BaseCommand, flag } from '../src/cli/base-command'
import { quote } from '../src/cli/go-quote'
import { latestFlag, withoutSlash } from '../src/cli/selection-flags'
import { detachKeysFlag, sigProxyFlag, standardStreams } from '../src/cli/stream-flags'
import { TspodError } from '../src/errors'

export default class Attach extends BaseCommand {
  static override aliases = ['container attach']
  static override summary = 'Attach to a running container'
  static override description = "Shows the container's output from now on, and sends it what is typed."
  static override usage = 'attach [options] CONTAINER'
  static override examples = ['tspod attach shell', 'tspod attach --no-stdin web']
  static override flags = {
    ...detachKeysFlag,
    ...latestFlag('container'),
    'no-stdin': flag.bool('Leave stdin alone'),
    ...sigProxyFlag,
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Attach)
    const { latest } = flags
    this.#check(argv, latest)
    const streams = {
      ...standardStreams(!flags['no-stdin']),
      detachKeys: flags['detach-keys'],
      sigProxy: flags['sig-proxy'],
    }
    const { containers } = await this.engine
    await containers.attach(withoutSlash(argv)[0], { latest, streams })
    // the shell's prompt begins on a line of its own; the exit code is not the container's, as in Podman
    this.print()
  }

  #check(names: readonly string[], latest: boolean): void {
    const refuse = (message: string) => {
      throw new TspodError('usage', message)
    }
    if (names.length > 1) refuse(`\`${this.commandPath}\` accepts at most one argument`)
    if (names.length === 0 && !latest)
      refuse(`${quote(this.commandPath)} requires a name, id, or the "--latest" flag`)
    if (names.length > 0 && latest) refuse('--latest and containers cannot be used together')
  }
}
