import { TspodError } from '../errors'
import { compareTimes, type FoundContainer, type FoundPod, findContainer, findPod, trueState } from '../state'
import type { ContainerStatus } from '../state/types'
import type { EngineContext } from './context'
import { podStatus } from './states'
import { parseUntil } from './until'

type Test<T> = (one: T) => boolean

/** Values by key; `label!=x` is the key `label!`. */
const readFilters = (given: readonly string[]): Map<string, string[]> => {
  const filters = new Map<string, string[]>()
  for (const text of given) {
    const at = text.indexOf('=')
    if (at < 0) throw new TspodError('usage', `invalid filter ${JSON.stringify(text)}`)
    const key = text.slice(0, at)
    filters.set(key, [...(filters.get(key) ?? []), text.slice(at + 1)])
  }
  return filters
}

const matchesRegex = (text: string, expressions: readonly string[]): boolean =>
  expressions.some((expression) => {
    try {
      return new RegExp(expression).test(text)
    } catch {
      return false
    }
  })

const matchesId = (id: string, values: readonly string[]): boolean =>
  values.some((value) => (/^[0-9a-f]+$/.test(value) ? id.startsWith(value) : matchesRegex(id, [value])))

// Podman lets a `*` stand for anything, and then matches anywhere.
const matchesKey = (pattern: string, key: string): boolean =>
  pattern === key ||
  (pattern.includes('*') &&
    new RegExp(
      pattern
        .split('*')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*'),
    ).test(key))

const hasLabel = (labels: Record<string, string>, wanted: string): boolean => {
  const [key = '', ...rest] = wanted.split('=')
  const value = rest.join('=')
  return Object.entries(labels).some(
    ([name, text]) => (value === '' || value === text) && matchesKey(key, name),
  )
}

const hasLabels = (labels: Record<string, string>, wanted: readonly string[]): boolean =>
  wanted.every((one) => hasLabel(labels, one))

const oneMoment = (values: readonly string[]): number => {
  const [value] = values
  if (values.length !== 1 || value === undefined)
    throw new TspodError('invalid', 'specify exactly one timestamp for until')
  return parseUntil(value)
}

const checkAll = (
  values: readonly string[],
  known: readonly string[],
  complaint: (value: string) => string,
) => {
  const wrong = values.find((value) => !known.includes(value))
  if (wrong !== undefined) throw new TspodError('invalid', complaint(wrong))
}

const statuses: readonly (ContainerStatus | 'unknown')[] = [
  'unknown',
  'created',
  'initialized',
  'running',
  'stopped',
  'paused',
  'exited',
  'removing',
  'stopping',
]

const shownStatus = (status: string): string => (status === 'stopped' ? 'exited' : status)

const byStatus = (values: readonly string[]): Test<FoundContainer> => {
  checkAll(values, statuses, (value) => `unknown container state: ${value}: invalid argument`)
  const wanted = values.map(shownStatus)
  return ({ container }) => wanted.includes(shownStatus(container.state.status))
}

const byExitCode = (values: readonly string[]): Test<FoundContainer> => {
  const codes = values.map((value) => {
    if (!/^-?\d+$/.test(value))
      throw new TspodError('invalid', `exited code out of range ${JSON.stringify(value)}: invalid syntax`)
    return Number(value)
  })
  return ({ container: { state } }) =>
    shownStatus(state.status) === 'exited' && codes.includes(state.exitCode)
}

const byAncestor = (values: readonly string[]): Test<FoundContainer> => {
  return ({ container: { image } }) => {
    if (!image) return false
    const [, plain = image.name, tag = ''] = /^(.*):([^/:]*)$/.exec(image.name) ?? []
    return values.some(
      (value) =>
        image.id.includes(value) ||
        matchesRegex(image.name, [value]) ||
        (tag === 'latest' && matchesRegex(plain, [value])),
    )
  }
}

// The oldest of those that are named counts.
const created = (context: EngineContext, names: readonly string[]): string =>
  names
    .map((name) => findContainer(context.state, name).container.created)
    .reduce((oldest, time) => (compareTimes(time, oldest) < 0 ? time : oldest))

const byVolume = (values: readonly string[]): Test<FoundContainer> => {
  const wanted = values.map((value) => value.split(':'))
  return ({ container }) =>
    wanted.some(([source, destination]) =>
      container.config.mounts.some((mount) =>
        destination
          ? mount.source === source && mount.destination === destination
          : mount.destination === source || (mount.type === 'volume' && mount.source === source),
      ),
    )
}

const byPod = (context: EngineContext, values: readonly string[]): Test<FoundContainer> => {
  const ids = new Set<string>()
  for (const value of values) {
    try {
      ids.add(findPod(context.state, value).sandbox.id)
    } catch (error) {
      if (!(error instanceof TspodError && error.code === 'not-found')) throw error
    }
  }
  return ({ sandbox }) => sandbox.pod !== undefined && ids.has(sandbox.id)
}

/** Names of the networks that a container's own namespace joins. */
export const networkNames = ({ container }: Pick<FoundContainer, 'container'>): string[] =>
  (container.state.network?.networks ?? container.config.network.attachments ?? []).map(({ name }) =>
    name === 'default' ? 'podman' : name,
  )

const byNetwork = (values: readonly string[]): Test<FoundContainer> => {
  return (found) => networkNames(found).some((name) => values.includes(name))
}

const policies = ['no', 'none', 'on-failure', 'always', 'unless-stopped']

const byRestart = (values: readonly string[]): Test<FoundContainer> => {
  checkAll(values, policies, (value) => `${value} invalid restart policy`)
  return ({ container }) =>
    values.some((value) => (value === 'none' ? 'no' : value) === container.config.restart.name)
}

const byName = (values: readonly string[]): ((name: string) => boolean) => {
  const expressions = values.map((value) => value.replaceAll('/', ''))
  return (name) => matchesRegex(name, expressions)
}

const containerTest = (context: EngineContext, key: string, values: string[]): Test<FoundContainer> => {
  switch (key) {
    case 'id':
      return ({ container }) => matchesId(container.id, values)
    case 'name': {
      const matches = byName(values)
      return ({ container }) => matches(container.name)
    }
    case 'label':
      return ({ container }) => hasLabels(container.config.labels, values)
    case 'label!':
      return ({ container }) => !values.some((value) => hasLabel(container.config.labels, value))
    case 'annotation':
      return ({ container }) => hasLabels(container.config.annotations, values)
    case 'annotation!':
      return ({ container }) => !values.some((value) => hasLabel(container.config.annotations, value))
    case 'status':
      return byStatus(values)
    case 'exited':
      return byExitCode(values)
    case 'ancestor':
      return byAncestor(values)
    case 'before': {
      const time = created(context, values)
      return ({ container }) => compareTimes(container.created, time) < 0
    }
    case 'since': {
      const time = created(context, values)
      return ({ container }) => compareTimes(container.created, time) > 0
    }
    case 'volume':
      return byVolume(values)
    case 'until': {
      const time = oneMoment(values)
      return ({ container }) => Date.parse(container.created) < time
    }
    case 'pod':
      return byPod(context, values)
    case 'network':
      return byNetwork(values)
    case 'restart-policy':
      return byRestart(values)
    case 'command':
      return ({ container }) => matchesRegex(container.config.argv[0] ?? '', values)
    case 'health':
      return () => values.includes('')
    default:
      throw new TspodError('usage', `${key} is an invalid filter`)
  }
}

/** The test that `--filter` values make. The containers' states must be true ones. */
export const containerFilter = (context: EngineContext, given: readonly string[]): Test<FoundContainer> => {
  const tests = [...readFilters(given)].map(([key, values]) => containerTest(context, key, values))
  return (found) => tests.every((test) => test(found))
}

/** The same for prune, which knows fewer keys. */
export const pruneFilter = (context: EngineContext, given: readonly string[]): Test<FoundContainer> => {
  const keys = ['label', 'label!', 'annotation', 'annotation!', 'until']
  checkAll([...readFilters(given).keys()], keys, (key) => `${key} is an invalid filter`)
  return containerFilter(context, given)
}

export const statusOfPod = ({ sandbox }: Pick<FoundPod, 'sandbox'>) =>
  podStatus(sandbox.containers.map((container) => trueState(sandbox, container).status))

const podStatuses = ['stopped', 'running', 'paused', 'exited', 'dead', 'created', 'degraded']

const podTest = (key: string, values: string[]): Test<FoundPod> => {
  switch (key) {
    case 'id':
      return ({ sandbox }) => matchesId(sandbox.id, values)
    case 'name':
      return ({ pod }) => matchesRegex(pod.name, values)
    case 'label':
      return ({ pod }) => hasLabels(pod.labels, values)
    case 'label!':
      return ({ pod }) => !values.some((value) => hasLabel(pod.labels, value))
    case 'status':
      checkAll(values, podStatuses, (value) => `${value} is not a valid pod status`)
      return (found) => values.includes(statusOfPod(found).toLowerCase())
    case 'ctr-ids':
      return ({ sandbox }) => sandbox.containers.some(({ id }) => matchesId(id, values))
    case 'ctr-names':
      return ({ sandbox }) => sandbox.containers.some(({ name }) => matchesRegex(name, values))
    case 'ctr-number':
      return ({ sandbox }) => values.some((value) => Number(value) === sandbox.containers.length)
    case 'ctr-status': {
      const known = ['created', 'running', 'paused', 'stopped', 'exited', 'unknown']
      checkAll(values, known, (value) => `${value} is not a valid status`)
      const wanted = values.map(shownStatus)
      return ({ sandbox }) =>
        sandbox.containers.some((one) => wanted.includes(shownStatus(trueState(sandbox, one).status)))
    }
    case 'until': {
      const time = oneMoment(values)
      return ({ pod }) => Date.parse(pod.created) < time
    }
    case 'network':
      return ({ sandbox, pod }) => {
        const infra = sandbox.containers.find(({ id }) => id === pod.infraId)
        return infra !== undefined && networkNames({ container: infra }).some((name) => values.includes(name))
      }
    default:
      throw new TspodError('usage', `${key} is an invalid filter`)
  }
}

export const podFilter = (given: readonly string[]): Test<FoundPod> => {
  const tests = [...readFilters(given)].map(([key, values]) => podTest(key, values))
  return (found) => tests.every((test) => test(found))
}
