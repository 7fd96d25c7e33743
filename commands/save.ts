import { isatty } from 'node:tty'
import { BaseCommand, flag } from '../src/cli/base-command'
import { withProgress } from '../src/cli/progress'
import { TspodError } from '../src/errors'
import type { SaveFormat } from '../src/libpod'

const STDOUT = { fd: 1, name: 'stdout' }
const FORMATS: readonly SaveFormat[] = ['docker-archive', 'oci-archive', 'oci-dir', 'docker-dir']

const formatOf = (text: string): SaveFormat => {
  const format = FORMATS.find((one) => one === text)
  if (!format) throw new TspodError('usage', `format value must be one of ${FORMATS.join(' ')}`)
  return format
}

export default class Save extends BaseCommand {
  static override aliases = ['image save']
  static override summary = 'Write images to an archive'
  static override description = 'Words after the first are more names for the image, or with -m more images.'
  static override usage = 'save [options] IMAGE [IMAGE...]'
  static override examples = [
    'tspod save --output web.tar web',
    'tspod save --format oci-dir --output web.oci web',
    'tspod save web > web.tar',
  ]
  static override flags = {
    format: flag.string(FORMATS.join(', '), { value: 'format', default: 'docker-archive' }),
    'multi-image-archive': flag.bool('Several images in one docker-archive', { char: 'm' }),
    output: flag.string('File or folder to write; the standard output where missing', {
      char: 'o',
      value: 'path',
    }),
    quiet: flag.bool('No progress', { char: 'q' }),
    uncompressed: flag.bool('Layers as they are, which is what tspod does anyway'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Save)
    if (!argv.length) throw new TspodError('usage', 'need at least 1 argument')
    const { output, quiet } = flags
    const format = formatOf(flags.format)
    if (!output && isatty(STDOUT.fd))
      throw new TspodError('usage', 'refusing to save to terminal. Use -o flag or redirect')
    const multi = flags['multi-image-archive']
    const { images } = await this.engine
    await withProgress(quiet || !output, (progress) =>
      images.save(argv, output ? { path: output } : STDOUT, { format, multi, progress }),
    )
  }
}
