import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { checkName, findContainer, findPod } from '../../../src/state'
import { sampleSandbox, store, temporaryState } from './sample'

const id = (start: string) => start.padEnd(64, '0')

describe('lookup', () => {
  let place: ReturnType<typeof temporaryState>
  beforeEach(async () => {
    place = temporaryState()
    await store(place.state, sampleSandbox({ id: id('abc1'), name: 'web' }))
    await store(place.state, sampleSandbox({ id: id('abc2'), name: 'abc' }))
    await store(place.state, sampleSandbox({ id: id('d'), name: 'db' }))
  })
  afterEach(() => place.remove())

  test.each([
    ['web', 'web'],
    [id('abc1'), 'web'],
    ['abc1', 'web'],
    ['d', 'db'],
    ['abc', 'abc'],
  ])('%s finds %s', (typed, name) => {
    expect(findContainer(place.state, typed).container.name).toBe(name)
  })

  test.each([
    ['nope', 'no container with name or ID "nope" found: no such container'],
    ['../x', 'no container with name or ID "../x" found: no such container'],
    ['ab', 'more than one result for container "ab": container already exists'],
    ['', 'name or ID cannot be empty'],
  ])('%s is refused', (typed, message) => {
    expect(() => findContainer(place.state, typed)).toThrow(message)
  })

  test('pods and containers are told apart', () => {
    expect(() => findPod(place.state, 'nope')).toThrow('no pod with name or ID nope found: no such pod')
    expect(() => findPod(place.state, 'web')).toThrow('"web" is a container, not a pod: no such pod')
    expect(() => findPod(place.state, 'abc1')).toThrow('no pod with name or ID abc1 found: no such pod')
  })

  test('a name that is left over finds nothing', async () => {
    await place.state.withSandbox(id('d'), (locked) => locked.remove())
    expect(() => findContainer(place.state, 'db')).toThrow('no such container')
  })

  test.each(['a b', '', '-x', 'a/b', 'é'])('the name %j is refused', (name) => {
    expect(() => checkName(name)).toThrow('names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument')
  })
})
