import type { RequestOf } from '../messages'
import type { MonitorHooks, OpenRelay } from './hooks'

/** The relays of published ports that run in a monitor, one per container that publishes. */
export class Relays {
  private readonly relays = new Map<string, OpenRelay>()

  constructor(private readonly hooks: Pick<MonitorHooks, 'openRelay'>) {}

  get size(): number {
    return this.relays.size
  }

  async publish({ containerId, namespace, ports, targets }: RequestOf<'publish'>): Promise<void> {
    this.close(containerId)
    if (ports.length > 0)
      this.relays.set(containerId, await this.hooks.openRelay({ namespace, ports, targets }))
  }

  close(containerId: string): void {
    this.relays.get(containerId)?.close()
    this.relays.delete(containerId)
  }
}
