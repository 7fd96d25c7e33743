import { BaseCommand, flag } from '../src/cli/base-command'
import { parseEnv, parseEnvFile } from '../src/cli/env'
import { latestFlag, withoutSlash } from '../src/cli/selection-flags'
import { detachKeysFlag, standardStreams } from '../src/cli/stream-flags'
import { TspodError } from '../src/errors'

const NO_TARGET = 'exec requires the name or ID of a container or the --latest or --cidfile flag'

function commandEnv(entries: readonly string[]): Record<string, string> {
  try {
    return parseEnv(entries)
  } catch (error) {
    if (!(error instanceof TspodError)) throw error
    throw new TspodError('usage', `parsing environment variables: ${error.message}`, {}, error)
  }
}

function environment(files: readonly string[], entries: readonly string[]): string[] {
  const all = Object.assign({}, ...files.map((file) => parseEnvFile(file)), commandEnv(entries))
  return Object.entries(all).map(([key, value]) => `${key}=${value}`)
}

export default class Exec extends BaseCommand {
  static override aliases = ['container exec']
  static override summary = 'Run a command in a running container'
  static override usage = 'exec [options] CONTAINER COMMAND [ARG...]'
  static override examples = ['tspod exec web ls -l /', 'tspod exec -it -w /tmp web sh']
  static override stopAtFirstArgument = true
  static override flags = {
    cidfile: flag.string("File to read the container's id from", { value: 'file' }),
    detach: flag.bool("Run it in the background, and print the session's id", { char: 'd' }),
    ...detachKeysFlag,
    env: flag.stringArray('Environment variable', { char: 'e', value: 'key[=value]' }),
    'env-file': flag.stringArray('File of environment variables, one a line', { value: 'file' }),
    interactive: flag.bool('Keep stdin open', { char: 'i' }),
    ...latestFlag('container'),
    'preserve-fds': flag.uint('Pass so many descriptors on, from 3 up', { value: 'number' }),
    privileged: flag.bool('Give it all capabilities'),
    tty: flag.bool('Give it a terminal', { char: 't' }),
    user: flag.string('User to run as', { char: 'u', value: 'user[:group]' }),
    workdir: flag.string('Folder to start in', { char: 'w', value: 'folder' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Exec)
    const { latest, cidfile, detach, interactive, privileged, tty, user, workdir } = flags
    if (argv.length === 0 && !latest && !cidfile) throw new TspodError('usage', NO_TARGET)
    if (latest && cidfile) throw new TspodError('usage', '--latest and --cidfile can not be used together')
    const named = !latest && !cidfile
    const { containers } = await this.engine
    const session = containers.exec(named ? withoutSlash(argv)[0] : undefined, {
      command: named ? argv.slice(1) : argv,
      env: environment(flags['env-file'], flags.env),
      preserveFds: flags['preserve-fds'],
      ...{ latest, cidfile, detach, interactive, privileged, tty, user, workdir },
      streams: detach ? undefined : { ...standardStreams(interactive), detachKeys: flags['detach-keys'] },
    })
    const result = await session.catch((error: unknown) => {
      // Podman's code for a container that does not run.
      if (error instanceof TspodError && error.code === 'state') process.exitCode = 255
      throw error
    })
    if (detach) this.print(result.id)
    else this.exit(result.exitCode)
  }
}
