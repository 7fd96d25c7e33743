import type { ProcessId } from '../../kernel'
import type { PortMapping } from '../../state/types'
import type { ContainerExit, ContainerRun } from '../messages'

/** What is to happen with a container that is down. */
export type ExitVerdict =
  | { action: 'end' }
  /** Runs it again, after `delay` milliseconds, with `run` where it changed. */
  | { action: 'restart'; delay: number; run?: ContainerRun }

export interface OpenRelay {
  close(): void
}

interface RelayPorts {
  namespace: string
  ports: readonly PortMapping[]
  targets: readonly string[]
}

/**
 * What a monitor leaves to the engine. The engine's code is loaded when it is first needed: a monitor mostly waits, and
 * should be small while it does. Each takes the sandbox's lock itself.
 */
export interface MonitorHooks {
  /** Writes a container's end into the state, cleans up after it, and decides whether it runs again (`decideRestart`). */
  onExit(exit: ContainerExit): Promise<ExitVerdict>
  /** A container that runs again: writes its process into the state. False: it must not run any more, and is killed. */
  onRestarted(containerId: string, process: ProcessId): Promise<boolean>
  /** Running it again failed; it stays down. */
  onRestartFailed(containerId: string, error: Error): Promise<void>
  /** A program of `exec` is down: writes that into the state. */
  onExecExit(execId: string, containerId: string, exitCode: number): Promise<void>
  openRelay(ports: RelayPorts): Promise<OpenRelay>
  /**
   * The monitor has nothing left to do. Under the sandbox's lock, calls `leave`, which answers whether that still holds
   * and then has closed the monitor's socket; if so, takes the monitor out of the state. Returns the answer.
   */
  retire(leave: () => boolean): Promise<boolean>
}
