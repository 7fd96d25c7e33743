import { BaseCommand, exactArgs, flag } from '../../src/cli/base-command'
import { withoutSlash } from '../../src/cli/selection-flags'

export default class ContainerExists extends BaseCommand {
  static override summary = 'Tell by the exit code whether a container exists'
  static override description = 'Ends with 0 where it exists, and with 1 where it does not.'
  static override usage = 'container exists [options] CONTAINER'
  static override examples = ['tspod container exists web || tspod run -d --name web httpd']
  static override arity = exactArgs(1)
  static override flags = {
    external: flag.bool('Containers of other tools too; tspod knows of none', { aliases: ['storage'] }),
  }

  async run(): Promise<void> {
    const { argv } = await this.parse(ContainerExists)
    const { containers } = await this.engine
    if (!(await containers.exists(withoutSlash(argv)[0] ?? ''))) this.exit(1)
  }
}
