import { isatty } from 'node:tty'
import { BaseCommand, flag, noArgs } from '../src/cli/base-command'
import { withProgress } from '../src/cli/progress'
import { TspodError } from '../src/errors'

const STDIN = { fd: 0, name: 'stdin' }

export default class Load extends BaseCommand {
  static override aliases = ['image load']
  static override summary = 'Take in the images of an archive'
  static override description =
    'Takes docker-archive and oci-archive, plain or compressed, and oci-dir and docker-dir.'
  static override usage = 'load [options]'
  static override examples = ['tspod load --input web.tar', 'podman save web | tspod load']
  static override arity = noArgs
  static override flags = {
    input: flag.string('Archive or folder to read; the standard input where missing', {
      char: 'i',
      value: 'path',
    }),
    quiet: flag.bool('No progress', { char: 'q' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Load)
    const { input, quiet } = flags
    if (!input && isatty(STDIN.fd))
      throw new TspodError(
        'usage',
        'cannot read from terminal, use command-line redirection or the --input flag',
      )
    if (input && /^https?:\/\//.test(input))
      throw new TspodError('unsupported', 'load from a web address is not supported by tspod yet')
    const { images } = await this.engine
    const names = await withProgress(quiet, (progress) =>
      images.load(input ? { path: input } : STDIN, { progress }),
    )
    for (const name of names) this.print(`Loaded image: ${name}`)
  }
}
