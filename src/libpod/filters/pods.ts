import { TspodError } from '../../errors'
import { type FoundPod, trueState } from '../../state'
import { podStatus } from '../states'
import { networkNames } from './containers'
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
