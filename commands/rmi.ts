import { BaseCommand, flag } from '../src/cli/base-command'
import { throwErrors } from '../src/cli/outcome'
import { TspodError } from '../src/errors'

export default class Rmi extends BaseCommand {
  static override aliases = ['image rm', 'image remove']
  static override summary = 'Remove images'
  static override description =
    'An image that has several names loses the one that is given, and goes with its last one. One that a container uses goes with --force alone, and its containers with it.'
  static override usage = 'rmi [options] IMAGE [IMAGE...]'
  static override examples = ['tspod rmi web', 'tspod rmi --force c4dfb1609ee2', 'tspod rmi --all']
  static override flags = {
    all: flag.bool('All images', { char: 'a' }),
    force: flag.bool('Those in use too, with their containers; pass over those that are not there', {
      char: 'f',
    }),
    ignore: flag.bool('Pass over images that are not there', { char: 'i' }),
    'no-prune': flag.bool('Keep the untagged images that they were built on'),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.parse(Rmi)
    const { all, force } = flags
    if (!argv.length && !all) throw new TspodError('usage', 'image name or ID must be specified')
    if (argv.length && all)
      throw new TspodError('usage', 'when using the --all switch, you may not pass any images names or IDs')
    const { images } = await this.engine
    const options = { all, force, ignore: flags.ignore || force, noPrune: flags['no-prune'] }
    const { untagged, deleted, errors, exitCode } = await images.remove(argv, options)
    for (const name of untagged) this.print(`Untagged: ${name}`)
    for (const id of deleted) this.print(`Deleted: ${id}`)
    if (errors.length) process.exitCode = exitCode
    throwErrors(errors)
  }
}
