import { expect, test } from 'vitest'
import { dependenciesOf, dependents, startOrder } from '../../../src/libpod/dependencies'
import { sampleContainer } from '../state/sample'
import { id, sampleMember, samplePod } from './samples'

const names = (containers: readonly { name: string }[]) => containers.map(({ name }) => name)

test('the infra container starts first, wherever it stands', () => {
  const pod = samplePod({ members: [sampleMember('a'), sampleMember('b')] })
  pod.containers.reverse()
  expect(names(startOrder(pod))[0]).toBe('web-infra')
})

test('what is required starts before what requires it', () => {
  const [a, b, c] = [sampleMember('a'), sampleMember('b'), sampleMember('c')]
  a.config.requires = [b.id]
  b.config.requires = [c.id]
  expect(names(startOrder(samplePod({ members: [a, b, c] })))).toEqual(['web-infra', 'c', 'b', 'a'])
})

test('a circle ends, and loses nobody', () => {
  const [a, b, c] = [sampleMember('a'), sampleMember('b'), sampleMember('c')]
  a.config.requires = [b.id]
  b.config.requires = [a.id]
  expect(names(startOrder(samplePod({ members: [a, b, c] })))).toEqual(['web-infra', 'c', 'a', 'b'])
})

test('whose namespace is joined is depended on, also in another sandbox', () => {
  const lone = sampleContainer({ id: id('ab'), name: 'lone' })
  const guest = sampleMember('guest', { namespaces: { pid: { mode: 'container', value: lone.id } } })
  const pod = samplePod({ members: [guest] })
  expect(dependenciesOf(pod, guest).sort()).toEqual([id('1f'), lone.id].sort())
  expect(dependents([pod, { schema: 1, id: lone.id, containers: [lone] }])).toEqual(
    new Map([[lone.id, [guest.id]]]),
  )
})
