import type { RestartPolicy } from '../../state/types'

export interface RestartFacts {
  policy: RestartPolicy
  exitCode: number
  /** How often it was run again so far. */
  restartCount: number
  /** A user asked for the stop, of it or of its pod. */
  stoppedByUser: boolean
  /** Milliseconds for which it ran. */
  ranFor: number
}

export type RestartDecision = { restart: false } | { restart: true; delay: number }

/** A container that ran for so long has started well, and its next restart is at once. */
const RAN_WELL = 10_000
const FIRST_DELAY = 100
const LONGEST_DELAY = 1_000

/**
 * Podman's rules: `on-failure` looks at the exit code and, where a number of tries is given, at those used up; `always`
 * and `unless-stopped` differ after a boot only. What a user stopped stays down. Podman restarts at once, which costs
 * it a third of a second each; a container that fails at once is held back a little here, so that it takes no processor
 * for itself.
 */
export const decideRestart = (facts: RestartFacts): RestartDecision => {
  const { policy, exitCode, restartCount, stoppedByUser, ranFor } = facts
  if (stoppedByUser || policy.name === 'no') return { restart: false }
  if (policy.name === 'on-failure') {
    if (exitCode === 0) return { restart: false }
    if (policy.maximumRetries > 0 && restartCount >= policy.maximumRetries) return { restart: false }
  }
  if (restartCount === 0 || ranFor >= RAN_WELL) return { restart: true, delay: 0 }
  return { restart: true, delay: Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** Math.min(restartCount - 1, 10)) }
}
