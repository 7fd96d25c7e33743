import { closeSync, openSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import type { Kernel } from '../../kernel'
import { readHolder } from '../../runtime/rootless/holder-file'
import { isBeside } from './circumstances'
import type { SparePlace } from './place'

const LOCK_EX = 2
const LOCK_NB = 4

/** Descriptors of a spare process: its lock, which it holds, and the socket on which it listens. */
export const [LOCK_FD, LISTENING_FD] = [3, 4] as const

/** The variable that makes the launcher wait for a command instead of running one. */
const WAITS = 'TSPOD_WAITS'

/** The lock's descriptor, unless there is a spare process that holds it. */
const takeLock = (kernel: Kernel, { lock }: SparePlace): number | undefined => {
  const fd = openSync(lock, 'a', 0o600)
  if (kernel.flock(fd, LOCK_EX | LOCK_NB) === 0) return fd
  closeSync(fd)
  return undefined
}

// Node's own start would read the certificates.
const environment = ({ NODE_EXTRA_CA_CERTS, ...env }: NodeJS.ProcessEnv): string[] => {
  if (NODE_EXTRA_CA_CERTS) env.TSPOD_NODE_EXTRA_CA_CERTS = NODE_EXTRA_CA_CERTS
  return Object.entries({ ...env, [WAITS]: '1' }).map(([name, value]) => `${name}=${value}`)
}

/**
 * Whether nobody waits for our namespaces to end. The first process's are nobody's own, and where it may not be looked
 * at, the kernel's own second one is in the same; an ordinary user's are held for him.
 */
const isAtHome = ({ holder }: SparePlace): boolean =>
  holder ? isBeside(readHolder(holder)) : isBeside('1', '2')

/** How many threads may want to run when a command ends: its own ones and its monitor's. */
const OWN_THREADS = 4

/** Whether others wait for a processor: it is theirs. Source: proc_loadavg(5). */
const isBusy = (): boolean => {
  const [, running = '0'] = / (\d+)\//.exec(readFileSync('/proc/loadavg', 'latin1')) ?? []
  return Number(running) > availableParallelism() + OWN_THREADS
}

/**
 * Starts a process that waits for the next command, unless one waits already. Not from namespaces that it would hold.
 */
export const startSpare = (kernel: Kernel, place: SparePlace, main: string): void => {
  if (!isAtHome(place) || isBusy()) return
  const lock = takeLock(kernel, place)
  if (lock === undefined) return
  const nothing = openSync('/dev/null', 'r+')
  rmSync(place.socket, { force: true })
  // A launcher that comes while Node is still starting waits: that is shorter than to start another one beside it.
  const listening = kernel.listenUnix(place.socket)
  try {
    kernel.spawn({
      program: process.execPath,
      args: ['node', '--', main],
      env: environment(process.env),
      descriptors: [
        [nothing, 0],
        [nothing, 1],
        [nothing, 2],
        [lock, LOCK_FD],
        [listening, LISTENING_FD],
      ],
      newSession: true,
    })
  } finally {
    for (const fd of [nothing, listening, lock]) closeSync(fd)
  }
}
