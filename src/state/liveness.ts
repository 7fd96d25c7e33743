import { isProcessAlive } from '../kernel/processes'
import { nowRfc3339 } from './times'
import type { ContainerRecord, ContainerState, ContainerStatus, Sandbox } from './types'

/** Exit code of a container that ended while nobody was there to see it. */
export const UNKNOWN_EXIT_CODE = -1

const hasProcess: Record<ContainerStatus, boolean> = {
  created: false,
  initialized: true,
  running: true,
  paused: true,
  stopping: true,
  stopped: false,
  exited: false,
  removing: false,
}

export const monitorAlive = (sandbox: Sandbox): boolean =>
  sandbox.monitor !== undefined && isProcessAlive(sandbox.monitor)

// One that took a killed monitor's place knows nothing of the containers that were started before.
const hasMonitor = (sandbox: Sandbox, { monitor }: ContainerState): boolean =>
  monitor ? isProcessAlive(monitor) : monitorAlive(sandbox)

const ended = (state: ContainerState): ContainerState => ({
  ...state,
  status: state.status === 'initialized' ? 'created' : 'exited',
  process: undefined,
  monitor: undefined,
  exitCode: UNKNOWN_EXIT_CODE,
  finishedAt: nowRfc3339(),
})

/**
 * What is true of a container now. Its process may have ended with nobody to write it down: then it has exited. While
 * its monitor lives, the document is left to the monitor, which knows the exit code and is about to write it.
 */
export const trueState = (sandbox: Sandbox, container: ContainerRecord): ContainerState => {
  const { state } = container
  if (!hasProcess[state.status]) return state
  if (state.process && isProcessAlive(state.process)) return state
  return hasMonitor(sandbox, state) ? state : ended(state)
}

/** Writes the truth into a document whose lock is held. */
export const syncStates = (sandbox: Sandbox): void => {
  for (const container of sandbox.containers) container.state = trueState(sandbox, container)
  if (sandbox.monitor && !monitorAlive(sandbox)) sandbox.monitor = undefined
}
