import { TspodError } from '../errors'
import type { ContainerStatus } from '../state/types'

export type Verb =
  | 'start'
  | 'stop'
  | 'kill'
  | 'restart'
  | 'pause'
  | 'unpause'
  | 'exec'
  | 'attach'
  | 'init'
  | 'top'

/** In which states each verb may be carried out: the one table of libpod's state machine. */
const allowed: Record<Verb, readonly ContainerStatus[]> = {
  init: ['created', 'stopped', 'exited'],
  start: ['created', 'initialized', 'stopped', 'exited'],
  stop: ['initialized', 'running', 'stopping'],
  kill: ['running', 'stopping', 'paused'],
  restart: ['created', 'initialized', 'running', 'stopped', 'exited'],
  pause: ['running'],
  unpause: ['paused'],
  exec: ['running'],
  attach: ['running'],
  top: ['running'],
}

export const may = (verb: Verb, status: ContainerStatus): boolean => allowed[verb].includes(status)

/** It has a process, or is about to lose it. */
export const isUp = (status: ContainerStatus): boolean =>
  status === 'running' || status === 'paused' || status === 'stopping' || status === 'initialized'

/** It ran and ended. */
export const isDown = (status: ContainerStatus): boolean => status === 'stopped' || status === 'exited'

const improper = 'container state improper'

const refusals: Record<Verb, (id: string, status: ContainerStatus) => string> = {
  init: (id) => `container ${id} has already been created in runtime: ${improper}`,
  start: (id, status) =>
    status === 'running'
      ? `container ${id}: container is running`
      : `container ${id} must be in Created or Stopped state to be started: ${improper}`,
  stop: (id, status) =>
    isDown(status)
      ? `container ${id}: container is stopped`
      : `can only stop created or running containers. ${id} is in state ${status}: ${improper}`,
  kill: (id, status) => `can only kill running containers. ${id} is in state ${status}: ${improper}`,
  restart: () => `unable to restart a container in a paused or unknown state: ${improper}`,
  pause: (id, status) =>
    status === 'paused'
      ? `"${id}" is already paused: ${improper}`
      : `"${status}" is not running, can't pause: ${improper}`,
  unpause: (id) => `"${id}" is not paused, can't unpause: ${improper}`,
  exec: () => `can only create exec sessions on running containers: ${improper}`,
  attach: () => 'you can only attach to running containers',
  top: () => 'top can only be used on running containers',
}

/** Podman's words for why a verb can't be carried out now. */
const refusal = (verb: Verb, id: string, status: ContainerStatus): TspodError =>
  new TspodError('state', refusals[verb](id, status), { object: id })

export const checkMay = (verb: Verb, id: string, status: ContainerStatus): void => {
  if (!may(verb, status)) throw refusal(verb, id, status)
}

export type PodStatus = 'Created' | 'Running' | 'Degraded' | 'Paused' | 'Exited' | 'Stopped' | 'Error'

/** A pod's state, from those of all its containers, the infra container too. */
export const podStatus = (statuses: readonly ContainerStatus[]): PodStatus => {
  const count = (test: (status: ContainerStatus) => boolean) => statuses.filter(test).length
  const all = statuses.length
  const running = count((status) => status === 'running')
  const stopped = count(isDown)
  const created = count((status) => status === 'created' || status === 'initialized')
  const paused = count((status) => status === 'paused')
  if (all === 0) return 'Created'
  if (running === all) return 'Running'
  if (running > 0) return 'Degraded'
  if (paused === all) return 'Paused'
  if (stopped === all) return 'Exited'
  if (stopped > 0) return 'Stopped'
  return all - paused - created > 0 ? 'Error' : 'Created'
}
