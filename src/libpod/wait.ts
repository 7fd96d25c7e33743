import { TspodError } from '../errors'
import { type FoundContainer, trueState } from '../state'
import type { ContainerState } from '../state/types'
import type { Outcome } from './api/common'
import type { WaitOptions, WaitResult } from './api/containers'
import type { EngineContext } from './context'
import { isGone } from './gone'
import { connectMonitor } from './monitor'
import { asTspodError } from './outcome'
import { selectContainers } from './select'
import { isUp } from './states'

const LOOK_EVERY = 250

const sleep = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds))

const known = [
  'created',
  'initialized',
  'running',
  'paused',
  'stopping',
  'stopped',
  'exited',
  'removing',
  'unknown',
]
const health = ['healthy', 'unhealthy', 'starting', 'reset']

const checkConditions = (conditions: readonly string[]): void => {
  const wrong = conditions.find(
    (condition) => ![...known, 'removed', 'configured', ...health].includes(condition),
  )
  if (wrong !== undefined)
    throw new TspodError('invalid', `unknown container state: ${wrong}: invalid argument`)
  const unhealthy = conditions.find((condition) => health.includes(condition))
  if (unhealthy) throw new TspodError('unsupported', `condition ${unhealthy} is not supported by tspod yet`)
}

/** What is true of the container now; undefined where it is gone. */
const look = (context: EngineContext, { sandbox, container }: FoundContainer): ContainerState | undefined => {
  const now = context.state.read(sandbox.id)
  const record = now?.containers.find(({ id }) => id === container.id)
  return now && record && trueState(now, record)
}

const shown = (status: string): string =>
  status === 'stopped' ? 'exited' : status === 'configured' ? 'created' : status

// Its monitor answers at once when it ends, and knows the exit code of one that removes itself.
const waitForEnd = async (context: EngineContext, found: FoundContainer): Promise<number | undefined> => {
  const sandbox = context.state.read(found.sandbox.id)
  const monitor = sandbox && (await connectMonitor(context, sandbox))
  if (!monitor) return undefined
  try {
    const { exit } = await monitor.call('wait', { containerId: found.container.id, until: 'settled' })
    return exit.exitCode
  } catch (error) {
    // It ended while we were asking.
    if (error instanceof TspodError && error.code === 'state') return undefined
    throw error
  } finally {
    monitor.close()
  }
}

const endConditions = ['stopped', 'exited']

/** Waits until the container is in one of the states; its exit code, or -1 where it has not ended. */
const waitOne = async (
  context: EngineContext,
  found: FoundContainer,
  options: WaitOptions,
): Promise<WaitResult> => {
  const { id } = found.container
  const conditions = options.condition?.length ? options.condition : endConditions
  const wanted = new Set(conditions.map(shown))
  const onlyEnd = [...wanted].every((state) => state === 'exited' || state === 'removed')
  for (;;) {
    const state = look(context, found)
    if (!state) {
      if (wanted.has('removed')) return { id, exitCode: -1 }
      throw new TspodError('not-found', `no container with name or ID "${id}" found: no such container`)
    }
    // As Podman: one that never ran has ended, for who waits for its end.
    const never = wanted.has('exited') && state.status === 'created' && !options.condition?.length
    if (wanted.has(shown(state.status)) || never)
      return { id, exitCode: isUp(state.status) ? -1 : state.exitCode }
    const exitCode = onlyEnd && isUp(state.status) ? await waitForEnd(context, found) : undefined
    if (exitCode !== undefined && !look(context, found)) return { id, exitCode }
    if (exitCode === undefined) await sleep(options.interval ?? LOOK_EVERY)
  }
}

/** Resolves when the container is down. */
export const waitForContainer = async (context: EngineContext, found: FoundContainer): Promise<void> => {
  await waitOne(context, found, {})
}

const firstOf = async (
  context: EngineContext,
  found: readonly FoundContainer[],
  options: WaitOptions,
): Promise<WaitResult> => {
  const result = await Promise.race(found.map((one) => waitOne(context, one, options)))
  options.onResult?.(result)
  return result
}

export const waitContainers = async (
  context: EngineContext,
  names: string[],
  options: WaitOptions = {},
): Promise<Outcome<WaitResult>> => {
  checkConditions(options.condition ?? [])
  const outcome: Outcome<WaitResult> = { results: [], errors: [] }
  const add = (result: WaitResult) => {
    options.onResult?.(result)
    outcome.results.push(result)
  }
  const chosen = selectContainers(context, names, { latest: options.latest })
  if (options.exitFirstMatch && chosen.results.length > 0) {
    return { results: [await firstOf(context, chosen.results, options)], errors: chosen.errors }
  }
  // Each on its own, so that the order of the results is that of the names.
  const waits = chosen.results.map((one) => waitOne(context, one, options).catch(asTspodError))
  for (const wait of waits) {
    const end = await wait
    if (end instanceof TspodError) outcome.errors.push(end)
    else add(end)
  }
  for (const error of chosen.errors) {
    if (options.ignore && isGone(error)) add({ id: '', exitCode: -1 })
    else outcome.errors.push(error)
  }
  return outcome
}
