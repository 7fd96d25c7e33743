import { BaseCommand, noArgs } from '../../src/cli/base-command'

export default class SystemMigrate extends BaseCommand {
  static override summary = 'Stop all containers of an ordinary user, and forget his user namespace'
  static override description =
    'The next command makes a new one. Needed after a change of /etc/subuid or /etc/subgid, or of what newuidmap may do.'
  static override usage = 'system migrate [options]'
  static override examples = ['tspod system migrate']
  static override arity = noArgs

  async run(): Promise<void> {
    await this.parse(SystemMigrate)
    const { rootless } = await this.engine
    for (const id of await rootless.migrate()) this.print(`stopped ${id}`)
  }
}
