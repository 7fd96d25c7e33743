import { describe, expect, it } from 'vitest'
import { createInfraConfig, createPodRecord, needsInfra, parseShare } from '../../../src/specgen'
import type { PodOptions } from '../../../src/specgen/context-types'
import { context, messageOf, otherId } from './facts'

const record = (options: PodOptions) =>
  createPodRecord(options, { ...context(), id: otherId, name: 'web', created: '2026-01-01T00:00:00Z' })

const infra = (options: PodOptions) =>
  createInfraConfig(options, context({ pod: { id: otherId, record: record(options) } }))

describe('--share', () => {
  it.each([
    [undefined, ['ipc', 'net', 'uts']],
    ['', []],
    ['none', []],
    ['net', ['net']],
    ['uts,net,ipc,pid', ['ipc', 'net', 'pid', 'uts']],
    ['+pid', ['ipc', 'net', 'pid', 'uts']],
    ['user', ['user']],
    ['net,net', ['net']],
    ['net,none', []],
  ])('%s', (text, shared) => {
    expect(parseShare(text)).toEqual(shared)
  })

  it.each([
    ['help', 'invalid kernel namespace to share: help. Options are: cgroup, ipc, net, pid, uts or none'],
    ['mnt', 'mount sharing functionality not supported on pod level'],
    ['net,x', 'invalid kernel namespace to share: x. Options are: cgroup, ipc, net, pid, uts or none'],
  ])('refuses %s', (text, message) => {
    expect(messageOf(() => parseShare(text))).toBe(message)
  })
})

describe('the infra container', () => {
  it.each<[PodOptions, boolean]>([
    [{}, true],
    [{ share: 'none' }, false],
    [{ share: '' }, false],
    [{ share: 'none', infra: true }, true],
    [{ share: 'none', publish: ['80:80'] }, true],
    [{ infra: false }, false],
  ])('%j: %s', (options, expected) => {
    expect(needsInfra(options)).toBe(expected)
  })

  it.each<[PodOptions, string]>([
    [
      { infra: false, publish: ['1:1'] },
      'you must have an infra container to publish port bindings to the host',
    ],
    [{ infra: false, share: 'net' }, 'cannot set share(net) namespaces without an infra container'],
    [{ infra: false, infraName: 'x' }, 'cannot set infra-name without an infra container'],
    [{ infra: false, noHosts: true }, 'cannot specify --no-hosts without an infra container'],
    [{ infra: false, network: ['host'] }, 'NoInfra and network modes cannot be used together'],
    [{ infra: false, ip: '10.0.0.1' }, 'cannot set --ip without infra container: invalid argument'],
    [
      { infra: false, dns: ['1.1.1.1'] },
      'NoInfra and DNSServer are mutually exclusive pod options: invalid pod spec',
    ],
  ])('is needed for %j', (options, message) => {
    expect(messageOf(() => needsInfra(options))).toBe(message)
  })

  it('runs the pause program under the pod’s name', () => {
    expect(infra({ label: ['a=b'], memory: '64m' })).toMatchObject({
      argv: ['/pause'],
      hostname: 'web',
      labels: {},
      resources: {},
      user: '',
      cgroupParent: `/tspod/${otherId}`,
    })
    expect(infra({ infraCommand: '/sleep 5' }).argv).toEqual(['/sleep', '5'])
  })

  it('runs an image’s own command where it has an image', () => {
    const options = { infraImage: 'i' }
    const image = { name: 'i', config: { Entrypoint: ['/p'], Cmd: ['x'] } }
    const config = createInfraConfig(
      options,
      context({ pod: { id: otherId, record: record(options) }, image }),
    )
    expect(config.argv).toEqual(['/p', 'x'])
  })

  it('holds the namespaces that the pod’s options name', () => {
    expect(infra({ pid: 'host', userns: 'auto' }).namespaces).toMatchObject({
      pid: { mode: 'host' },
      user: { mode: 'auto' },
      net: { mode: 'bridge' },
      ipc: { mode: 'shareable' },
    })
    expect(infra({ uts: 'host' }).hostname).toBe('machine')
  })
})

describe('the pod’s record', () => {
  it('has the defaults', () => {
    expect(record({})).toMatchObject({
      name: 'web',
      hostname: 'web',
      shared: ['ipc', 'net', 'uts'],
      exitPolicy: 'continue',
      restart: { name: 'no', maximumRetries: 0 },
      cgroupParent: '/tspod',
      cgroupPath: `/tspod/${otherId}`,
      resources: {},
    })
  })

  it('shares one user namespace where the pod has one', () => {
    expect(record({ userns: 'auto' }).shared).toEqual(['ipc', 'net', 'user', 'uts'])
    expect(record({ uidmap: ['0:1:1'], share: 'net' }).shared).toEqual(['net', 'user'])
    expect(record({ userns: 'host' }).shared).toEqual(['ipc', 'net', 'uts'])
  })

  it('keeps what the options say', () => {
    expect(
      record({
        hostname: 'h',
        label: ['a=b'],
        exitPolicy: 'stop',
        restart: 'on-failure:2',
        shareParent: false,
        memory: '64m',
      }),
    ).toMatchObject({
      hostname: 'h',
      labels: { a: 'b' },
      exitPolicy: 'stop',
      restart: { name: 'on-failure', maximumRetries: 2 },
      cgroupPath: '',
      resources: { memory: 64 * 2 ** 20 },
    })
    expect(record({ infra: false }).shared).toEqual([])
  })

  it.each<[PodOptions, string]>([
    [{ exitPolicy: 'x' }, 'invalid pod exit policy: "x"'],
    [
      { share: 'cgroup' },
      "cannot define the pod as the cgroup parent at the same time as joining the infra container's cgroupNS: invalid argument",
    ],
  ])('refuses %j', (options, message) => {
    expect(messageOf(() => record(options))).toBe(message)
  })
})
