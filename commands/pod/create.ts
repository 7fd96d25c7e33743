import { BaseCommand, maximumArgs } from '../../src/cli/base-command'
import { writeIdFile } from '../../src/cli/id-file'
import { logLine } from '../../src/cli/log'
import { podCreateFlags, podCreateOptions } from '../../src/cli/pod-create-options'

export default class PodCreate extends BaseCommand {
  static override summary = 'Make a pod without containers of its own'
  static override description =
    "Prints the new pod's id. Its infra container holds the namespaces that the containers share, and forwards the ports."
  static override usage = 'pod create [options] [NAME]'
  static override examples = [
    'tspod pod create --name web -p 8080:80',
    'tspod pod create --share +pid web',
    'tspod pod create --share none --label tier=front web',
  ]
  static override arity = maximumArgs(1)
  static override stopAtFirstArgument = true
  static override flags = podCreateFlags

  async run(): Promise<void> {
    const line = await this.parse(PodCreate)
    const options = podCreateOptions(line)
    const idFile = line.flags['pod-id-file']
    if (options.infraImage)
      logLine(
        'warning',
        "--infra-image has no effect: tspod's infra container needs no image",
        this.globals.logLevel,
      )
    const { pods } = await this.engine
    const { id, warnings } = await pods.create(options)
    for (const warning of warnings) logLine('warning', warning, this.globals.logLevel)
    if (idFile) writeIdFile(idFile, id)
    this.print(id)
  }
}
