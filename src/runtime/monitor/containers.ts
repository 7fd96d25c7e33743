import { TspodError } from '../../errors'
import type { ProcessId } from '../../kernel'
import type { AttachStreams, ContainerRun, RunningContainer, TerminalSize } from '../messages'
import type { Connection } from './connection'
import { type ContainerContext, notRunning, type StartOptions, SupervisedContainer } from './container'
import type { ProgramStreams } from './streams'

/** The containers that a monitor is the parent of. */
export class Containers {
  private readonly containers = new Map<string, SupervisedContainer>()

  /** `gone` is told of a container that is down for good. */
  constructor(
    private readonly context: ContainerContext,
    private readonly gone: (containerId: string) => void,
  ) {}

  get isEmpty(): boolean {
    return this.containers.size === 0
  }

  get(containerId: string): SupervisedContainer {
    const container = this.containers.get(containerId)
    if (!container) throw notRunning(containerId)
    return container
  }

  async start(run: ContainerRun, options: StartOptions): Promise<ProcessId> {
    const id = run.containerId
    if (this.containers.has(id)) {
      throw new TspodError('state', `container ${id} is running already`, { object: id })
    }
    const container = new SupervisedContainer(this.context, run)
    this.containers.set(id, container)
    try {
      const process = await container.start(options)
      void container.supervise().then(() => this.forget(id))
      return process
    } catch (error) {
      this.forget(id)
      throw error
    }
  }

  private forget(id: string): void {
    this.containers.delete(id)
    this.gone(id)
  }

  attach(containerId: string, connection: Connection, wanted: AttachStreams): { tty: boolean } {
    const container = this.get(containerId)
    const streams = this.streamsOf(containerId)
    streams.attach(connection, wanted)
    if (wanted.size) streams.resize(wanted.size)
    return { tty: container.tty }
  }

  resize(containerId: string, size: TerminalSize): void {
    this.streamsOf(containerId).resize(size)
  }

  markSettled(containerId: string): void {
    this.containers.get(containerId)?.markSettled()
  }

  private streamsOf(containerId: string): ProgramStreams {
    const { streams } = this.get(containerId)
    if (!streams) throw notRunning(containerId)
    return streams
  }

  list(): RunningContainer[] {
    return [...this.containers.values()].flatMap(({ id, process, streams }) =>
      process && streams ? [{ containerId: id, process, attached: streams.attached }] : [],
    )
  }

  streams(): ProgramStreams[] {
    return [...this.containers.values()].flatMap(({ streams }) => (streams ? [streams] : []))
  }
}
