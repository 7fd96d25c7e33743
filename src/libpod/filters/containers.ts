import { TspodError } from '../../errors'
import { compareTimes, type FoundContainer, findContainer, findPod } from '../../state'
import type { ContainerStatus } from '../../state/types'
import type { EngineContext } from '../context'
import {
  checkAll,
  hasLabel,
  hasLabels,
  matchesId,
  matchesRegex,
  oneMoment,
  readFilters,
  shownStatus,
  type Test,
} from './match'

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
