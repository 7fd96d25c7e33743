import { isatty } from 'node:tty'
import { BaseCommand, flag, minimumArgs } from '../src/cli/base-command'
import { createFlags } from '../src/cli/create-flags'
import { createOptions } from '../src/cli/create-options'
import { logLine } from '../src/cli/log'
import { detachKeysFlag, namedStreams, sigProxyFlag, standardStreams } from '../src/cli/stream-flags'
import type { AttachStreams } from '../src/libpod'

const STDIN = 0
const NO_TERMINAL = 'The input device is not a TTY. The --tty and --interactive flags might not work properly'

export default class Run extends BaseCommand {
  static override aliases = ['container run']
  static override summary = 'Run a command in a new container'
  static override description =
    "Makes a container, starts it, shows what it prints, and ends with its exit code: 125 for a failure of tspod's own, 126 and 127 for a command that cannot be run or found."
  static override usage = 'run [options] IMAGE [COMMAND [ARG...]]'
  static override examples = [
    'tspod run --rm -it busybox sh',
    'tspod run -d --name web -p 8080:80 httpd',
    'tspod run --pod new:front httpd',
  ]
  static override arity = minimumArgs(1)
  static override stopAtFirstArgument = true
  static override flags = {
    ...createFlags,
    detach: flag.bool("Print the container's id and go", { char: 'd' }),
    ...detachKeysFlag,
    'preserve-fds': flag.uint('Pass so many descriptors on, from 3 up', { value: 'number' }),
    ...sigProxyFlag,
  }

  async run(): Promise<void> {
    const line = await this.parse(Run)
    const { flags, changed } = line
    const { detach, interactive, tty } = flags
    if (tty && interactive && !detach && !isatty(STDIN))
      logLine('warning', NO_TERMINAL, this.globals.logLevel)
    const named = changed.has('attach')
    const streams: AttachStreams = {
      ...(named ? namedStreams(flags.attach, interactive) : standardStreams(interactive)),
      detachKeys: flags['detach-keys'],
      sigProxy: flags['sig-proxy'],
    }
    const options = createOptions(line)
    const { containers } = await this.engine
    const silent = !detach && streams.stdout === undefined && streams.stderr === undefined
    const { id, exitCode } = await containers.run({
      ...options,
      detach,
      preserveFds: flags['preserve-fds'],
      streams: detach ? undefined : streams,
      onCreated: (created) => silent && this.print(created),
    })
    if (!detach) this.exit(exitCode)
    if (!options.logDriver?.startsWith('passthrough')) this.print(id)
  }
}
