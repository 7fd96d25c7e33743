import { BaseCommand, minimumArgs } from '../src/cli/base-command'
import { createFlags } from '../src/cli/create-flags'
import { createOptions } from '../src/cli/create-options'
import { logLine } from '../src/cli/log'

export default class Create extends BaseCommand {
  static override aliases = ['container create']
  static override summary = 'Make a container, and leave it to be started'
  static override description = "Prints the new container's id. Its state is created until it is started."
  static override usage = 'create [options] IMAGE [COMMAND [ARG...]]'
  static override examples = ['tspod create --name web --pod front httpd', 'tspod create -it busybox sh']
  static override arity = minimumArgs(1)
  static override stopAtFirstArgument = true
  static override flags = createFlags

  async run(): Promise<void> {
    const line = await this.parse(Create)
    const options = createOptions(line)
    const { containers } = await this.engine
    const { id, warnings } = await containers.create(options)
    for (const warning of warnings) logLine('warning', warning, this.globals.logLevel)
    if (!options.logDriver?.startsWith('passthrough')) this.print(id)
  }
}
