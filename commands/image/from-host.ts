import { BaseCommand, flag } from '../../src/cli/base-command'
import { withProgress } from '../../src/cli/progress'

export default class ImageFromHost extends BaseCommand {
  static override summary = 'Make an image from programs of this host'
  static override description =
    'Takes the programs that are named and the libraries they load, so that a pod needs no download. With none named: a shell, the usual utilities, ps, hostname, ip, ipcs, ipcmk and node, as far as the host has them.'
  static override usage = 'image from-host [options] [NAME [PROGRAM...]]'
  static override examples = [
    'tspod image from-host web',
    'tspod image from-host --cmd \'["redis-server"]\' redis sh redis-server redis-cli',
  ]
  static override flags = {
    cmd: flag.string('Command of the image: a JSON list, or a line for the shell', { value: 'command' }),
    quiet: flag.bool('The id alone', { char: 'q' }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(ImageFromHost)
    const [name = '', ...programs] = argv
    const { images } = await this.engine
    const made = await withProgress(flags.quiet, (progress) =>
      images.fromHost(name, programs, { command: flags.cmd, progress }),
    )
    if (!flags.quiet) {
      const skipped = [...made.missing, ...made.missingLibraries]
      if (skipped.length) this.logToStderr(`not on this host, so left out: ${skipped.join(', ')}`)
    }
    this.print(`sha256:${made.id}`)
  }
}
