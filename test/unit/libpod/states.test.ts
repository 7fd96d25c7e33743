import { describe, expect, test } from 'vitest'
import { checkMay, may, podStatus, type Verb } from '../../../src/libpod/states'
import type { ContainerStatus } from '../../../src/state/types'

describe('the state machine', () => {
  test.each<[Verb, ContainerStatus[]]>([
    ['start', ['created', 'initialized', 'stopped', 'exited']],
    ['stop', ['initialized', 'running', 'stopping']],
    ['kill', ['running', 'paused', 'stopping']],
    ['pause', ['running']],
    ['unpause', ['paused']],
    ['exec', ['running']],
  ])('%s is for %j alone', (verb, allowed) => {
    const all: ContainerStatus[] = [
      'created',
      'initialized',
      'running',
      'paused',
      'stopping',
      'stopped',
      'exited',
      'removing',
    ]
    expect(all.filter((status) => may(verb, status))).toEqual(allowed)
  })

  test.each<[Verb, ContainerStatus, string]>([
    ['start', 'running', 'container abc: container is running'],
    [
      'start',
      'paused',
      'container abc must be in Created or Stopped state to be started: container state improper',
    ],
    ['kill', 'exited', 'can only kill running containers. abc is in state exited: container state improper'],
    ['pause', 'paused', '"abc" is already paused: container state improper'],
    ['exec', 'created', 'can only create exec sessions on running containers: container state improper'],
    ['attach', 'exited', 'you can only attach to running containers'],
  ])("%s of one that is %s is refused in Podman's words", (verb, status, words) => {
    expect(() => checkMay(verb, 'abc', status)).toThrow(words)
  })
})

test.each<[ContainerStatus[], string]>([
  [[], 'Created'],
  [['created', 'created'], 'Created'],
  [['running', 'running'], 'Running'],
  [['running', 'exited'], 'Degraded'],
  [['running', 'created'], 'Degraded'],
  [['exited', 'stopped'], 'Exited'],
  [['exited', 'created'], 'Stopped'],
  [['paused', 'paused'], 'Paused'],
  [['paused', 'exited'], 'Stopped'],
  [['removing', 'created'], 'Error'],
])('a pod of %j is %s', (statuses, status) => {
  expect(podStatus(statuses)).toBe(status)
})
