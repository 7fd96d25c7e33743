import { BaseCommand, flag, rangeArgs } from '../src/cli/base-command'
import { withProgress } from '../src/cli/progress'
import { TspodError } from '../src/errors'

const STDIN = { fd: 0, name: 'stdin' }

export default class Import extends BaseCommand {
  static override aliases = ['image import']
  static override summary = 'Make an image from a tarball of a root'
  static override description =
    'Takes what `export` or tar wrote, plain or compressed with gzip, zstd, xz or bzip2; `-` is the standard input.'
  static override usage = 'import [options] PATH [REFERENCE]'
  static override examples = [
    'tspod import ctr.tar web',
    `docker export web | tspod import --change 'CMD ["httpd"]' - web`,
  ]
  static override arity = rangeArgs(1, 2)
  static override flags = {
    arch: flag.string('Architecture of the image', { value: 'name' }),
    change: flag.stringArray(
      'Instruction for the image: CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, ONBUILD, STOPSIGNAL, USER, VOLUME or WORKDIR',
      { char: 'c', value: 'instruction' },
    ),
    message: flag.string('What the history says', { char: 'm', value: 'text' }),
    os: flag.string('Operating system of the image', { value: 'name' }),
    quiet: flag.bool('No progress', { char: 'q' }),
    variant: flag.string('Variant of the architecture', { value: 'name' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Import)
    const [path = '', reference] = argv
    if (/^https?:\/\//.test(path))
      throw new TspodError('unsupported', 'import from a web address is not supported by tspod yet')
    const { change: changes, message, os, arch: architecture, variant } = flags
    const { images } = await this.engine
    const id = await withProgress(flags.quiet, (progress) =>
      images.importRootfs(path === '-' ? STDIN : { path }, {
        changes,
        message,
        reference,
        platform: { os, architecture, variant },
        progress,
      }),
    )
    this.print(`sha256:${id}`)
  }
}
