import { readFileSync } from 'node:fs'
import { TspodError } from '../errors'
import {
  type ContainerRecord,
  compareTimes,
  type FoundContainer,
  type FoundPod,
  fileError,
  findContainer,
  findPod,
  type Sandbox,
  trueState,
} from '../state'
import type { Outcome, Selection } from './api/common'
import type { EngineContext } from './context'
import { describeDamage } from './damaged'
import { containerFilter, podFilter } from './filters'
import { asTspodError } from './outcome'

export type Chosen<T> = T & { rawInput: string }

export interface Choice extends Selection {
  /** Objects that do not exist are passed over. */
  ignore?: boolean
  /** Those alone that run. */
  running?: boolean
  /** Files that ids are read from. */
  idFiles?: readonly string[]
}

/** The id in a file that `--cidfile` or `--pod-id-file` names. */
export const readIdFile = (path: string, what: 'CIDFile' | 'pod ID file'): string => {
  try {
    return readFileSync(path, 'utf8').split('\n')[0]?.trim() ?? ''
  } catch (error) {
    const { message } = fileError('open', path, error)
    throw new TspodError('not-found', `reading ${what}: ${message}`, { object: path }, error)
  }
}

/** Documents that could be read; the user is told of the others. */
export const listSandboxes = (context: EngineContext): Sandbox[] => {
  const { sandboxes, damaged } = context.state.list()
  for (const damage of damaged) context.warn(describeDamage(context, damage))
  return sandboxes
}

const containersOf = (sandboxes: readonly Sandbox[]): FoundContainer[] =>
  sandboxes.flatMap((sandbox) => sandbox.containers.map((container) => ({ sandbox, container })))

const newest = <T>(found: readonly T[], created: (one: T) => string): T | undefined =>
  found.reduce<T | undefined>(
    (latest, one) => (latest === undefined || compareTimes(created(one), created(latest)) > 0 ? one : latest),
    undefined,
  )

/** The containers with the states that are true now. */
export const withTrueStates = (sandboxes: readonly Sandbox[]): FoundContainer[] =>
  containersOf(sandboxes).map(({ sandbox, container }) => ({
    sandbox,
    container: { ...container, state: trueState(sandbox, container) } satisfies ContainerRecord,
  }))

export const latestContainer = (context: EngineContext): FoundContainer => {
  const latest = newest(
    containersOf(listSandboxes(context)).filter(({ container }) => !container.infra),
    ({ container }) => container.created,
  )
  if (!latest) throw new TspodError('not-found', 'no such container')
  return latest
}

const isPod = (sandbox: Sandbox): boolean => sandbox.pod !== undefined

const asPod = (sandbox: Sandbox): FoundPod => ({ sandbox, pod: sandbox.pod! })

export const latestPod = (context: EngineContext): FoundPod => {
  const latest = newest(listSandboxes(context).filter(isPod).map(asPod), ({ pod }) => pod.created)
  if (!latest) throw new TspodError('not-found', 'no such pod')
  return latest
}

const chooseNamed = <T>(
  names: readonly string[],
  choice: Choice,
  find: (name: string) => T,
): Outcome<Chosen<T>> => {
  const outcome: Outcome<Chosen<T>> = { results: [], errors: [] }
  for (const rawInput of names) {
    try {
      outcome.results.push({ ...find(rawInput), rawInput })
    } catch (error) {
      const failure = asTspodError(error)
      if (!(choice.ignore && failure.code === 'not-found')) outcome.errors.push(failure)
    }
  }
  return outcome
}

const chosen = <T>(found: readonly T[], id: (one: T) => string): Outcome<Chosen<T>> => ({
  results: found.map((one) => ({ ...one, rawInput: id(one) })),
  errors: [],
})

/** The containers that a verb is for. States are those of the documents. */
export const selectContainers = (
  context: EngineContext,
  names: readonly string[],
  choice: Choice,
): Outcome<Chosen<FoundContainer>> => {
  const idOf = ({ container }: FoundContainer) => container.id
  const all = [...names, ...(choice.idFiles ?? []).map((path) => readIdFile(path, 'CIDFile'))]
  if (choice.filter?.length) {
    const matches = containerFilter(context, choice.filter)
    const found = withTrueStates(listSandboxes(context)).filter(matches)
    if (all.length === 0) return chosen(found, idOf)
    const ids = new Set(found.map(idOf))
    const named = chooseNamed(all, choice, (name) => findContainer(context.state, name))
    return { ...named, results: named.results.filter(({ container }) => ids.has(container.id)) }
  }
  if (choice.running) {
    const up = ({ container }: FoundContainer) => container.state.status === 'running'
    return chosen(withTrueStates(listSandboxes(context)).filter(up), idOf)
  }
  if (choice.all) return chosen(containersOf(listSandboxes(context)), idOf)
  if (choice.latest) return chosen([latestContainer(context)], idOf)
  return chooseNamed(all, choice, (name) => findContainer(context.state, name))
}

export const selectPods = (
  context: EngineContext,
  names: readonly string[],
  choice: Choice,
): Outcome<Chosen<FoundPod>> => {
  const idOf = ({ sandbox }: FoundPod) => sandbox.id
  if (choice.filter?.length) {
    return chosen(listSandboxes(context).filter(isPod).map(asPod).filter(podFilter(choice.filter)), idOf)
  }
  if (choice.all) return chosen(listSandboxes(context).filter(isPod).map(asPod), idOf)
  if (choice.latest) return chosen([latestPod(context)], idOf)
  const files = (choice.idFiles ?? []).map((path) => readIdFile(path, 'pod ID file'))
  return chooseNamed([...names, ...files], choice, (name) => findPod(context.state, name))
}

/** The one container that a verb is for. */
export const selectContainer = (
  context: EngineContext,
  name: string | undefined,
  latest: boolean | undefined,
): FoundContainer => (latest ? latestContainer(context) : findContainer(context.state, name ?? ''))

export const selectPod = (
  context: EngineContext,
  name: string | undefined,
  latest: boolean | undefined,
): FoundPod => (latest ? latestPod(context) : findPod(context.state, name ?? ''))
