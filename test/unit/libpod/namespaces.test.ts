import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { identifyProcess } from '../../../src/kernel'
import { createContext, type EngineContext } from '../../../src/libpod/context'
import { joinsOf, namespaceSources } from '../../../src/libpod/start/namespaces'
import type { ContainerRecord, Sandbox } from '../../../src/state/types'
import { temporaryState } from '../state/sample'
import { sampleMember, samplePod } from './samples'

const self = identifyProcess(process.pid)!

const run = (container: ContainerRecord) =>
  Object.assign(container.state, { status: 'running', process: self })

describe('where namespaces come from', () => {
  let place: ReturnType<typeof temporaryState>
  let context: EngineContext
  beforeEach(() => {
    place = temporaryState()
    context = createContext({ root: place.state.paths.root, runroot: place.state.paths.runroot })
  })
  afterEach(() => place.remove())

  const sharing = (changes: Partial<ContainerRecord['config']>): [Sandbox, ContainerRecord] => {
    const member = sampleMember('m', changes)
    const pod = samplePod({ members: [member] })
    run(pod.containers[0]!)
    return [pod, member]
  }

  test('all that the pod lends is had of one process', () => {
    const [pod, member] = sharing({
      namespaces: {
        net: { mode: 'pod' },
        ipc: { mode: 'pod' },
        uts: { mode: 'pod' },
        pid: { mode: 'private' },
      },
    })
    const { joins, descriptors } = joinsOf(namespaceSources(context, pod, member, {}))
    expect(joins).toEqual([{ fd: 101, kinds: ['net', 'ipc', 'uts'], owner: 'host' }])
    expect(descriptors).toEqual([{ source: { process: self }, fd: 101 }])
  })

  test('what is pinned for the container comes from its file, what is made anew from nowhere', () => {
    const [pod, member] = sharing({ namespaces: { net: { mode: 'bridge' }, uts: { mode: 'private' } } })
    const sources = namespaceSources(context, pod, member, { net: '/run/netns/x' })
    expect(sources).toEqual([
      { kind: 'net', source: { path: '/run/netns/x' }, path: '/run/netns/x', owner: 'host' },
    ])
  })

  test("a path is entered with the host's rights, a namespace of the pod's own user with its root's", () => {
    const [pod, member] = sharing({
      namespaces: { user: { mode: 'pod' }, ipc: { mode: 'pod' }, net: { mode: 'path', value: '/x' } },
    })
    pod.containers[0]!.config.namespaces.user = { mode: 'private' }
    const owners = Object.fromEntries(
      namespaceSources(context, pod, member, {}).map(({ kind, owner }) => [kind, owner]),
    )
    expect(owners).toEqual({ user: 'container', ipc: 'container', net: 'host' })
  })

  test('an infra container that does not run lends nothing', () => {
    const [pod, member] = sharing({ namespaces: { net: { mode: 'pod' } } })
    pod.containers[0]!.state.status = 'exited'
    pod.containers[0]!.state.process = undefined
    expect(() => namespaceSources(context, pod, member, {})).toThrow(/which is not running/)
  })
})
