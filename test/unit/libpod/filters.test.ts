import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createContext, type EngineContext } from '../../../src/libpod/context'
import { containerFilter, podFilter, pruneFilter } from '../../../src/libpod/filters'
import type { Sandbox } from '../../../src/state/types'
import { sampleConfig, sampleSandbox, store, temporaryState } from '../state/sample'
import { id, sampleMember, samplePod } from './samples'

describe('filters', () => {
  let place: ReturnType<typeof temporaryState>
  let context: EngineContext
  let sandboxes: Sandbox[]

  beforeEach(async () => {
    place = temporaryState()
    context = createContext({ root: place.state.paths.root, runroot: place.state.paths.runroot })
    const old = sampleSandbox({
      id: id('aa'),
      name: 'old',
      created: '2026-01-01T00:00:00Z',
      config: sampleConfig({ labels: { tier: 'db', 'com.example/x': '1' }, argv: ['postgres'] }),
    })
    Object.assign(old.containers[0]!.state, { status: 'exited', exitCode: 3 })
    const young = sampleSandbox({ id: id('ab'), name: 'young', created: '2026-06-01T00:00:00Z' })
    const pod = samplePod({ members: [sampleMember('member')], labels: { tier: 'web' } })
    sandboxes = [old, young, pod]
    for (const sandbox of sandboxes) await store(place.state, sandbox)
  })
  afterEach(() => place.remove())

  const chosen = (...given: string[]) =>
    sandboxes
      .flatMap((sandbox) => sandbox.containers.map((container) => ({ sandbox, container })))
      .filter(containerFilter(context, given))
      .map(({ container }) => container.name)

  test.each<[string[], string[]]>([
    [['name=^o'], ['old']],
    [
      ['name=old', 'name=young'],
      ['old', 'young'],
    ],
    [['id=aa'], ['old']],
    [['label=tier'], ['old']],
    [['label=tier=db'], ['old']],
    [['label=tier=web'], []],
    [['label=com.*'], ['old']],
    [['label!=tier'], ['young', 'web-infra', 'member']],
    [['status=exited'], ['old']],
    [['status=stopped'], ['old']],
    [['exited=3'], ['old']],
    [['exited=0'], []],
    [['ancestor=host'], ['old', 'young', 'member']],
    [['before=young'], ['old']],
    [['since=old', 'name=young'], ['young']],
    [['until=2026-02-01T00:00:00Z'], ['old']],
    [['pod=web'], ['web-infra', 'member']],
    [['pod=none'], []],
    [['command=^post'], ['old']],
    [['restart-policy=none', 'name=old'], ['old']],
  ])('%j chooses %j', (given, names) => {
    expect(chosen(...given)).toEqual(names)
  })

  test.each([
    ['colour=red', 'colour is an invalid filter'],
    ['name', 'invalid filter "name"'],
    ['status=dancing', 'unknown container state: dancing: invalid argument'],
    ['before=nope', 'no container with name or ID "nope" found: no such container'],
    ['until=soon', 'failed to parse value as time or duration: "soon"'],
  ])('%s is refused', (given, words) => {
    expect(() => chosen(given)).toThrow(words)
  })

  test('prune knows fewer', () => {
    expect(() => pruneFilter(context, ['name=x'])).toThrow('name is an invalid filter')
  })

  test.each<[string, boolean]>([
    ['name=we', true],
    ['label=tier=web', true],
    ['label=tier=db', false],
    ['status=created', true],
    ['status=running', false],
    ['ctr-names=member', true],
    ['ctr-number=2', true],
    ['ctr-status=exited', false],
    ['network=podman', true],
    ['network=other', false],
  ])('the pod is found by %s: %s', (given, found) => {
    const sandbox = sandboxes[2]!
    expect(podFilter([given])({ sandbox, pod: sandbox.pod! })).toBe(found)
  })
})
