import { describe, expect, it } from 'vitest'
import { emptyNetwork } from '../../../src/specgen'
import type { ContainerConfig } from '../../../src/state/types'
import { configure, host, inPod, messageOf, other, otherId } from './facts'

const modes = (config: ContainerConfig) =>
  Object.fromEntries(Object.entries(config.namespaces).map(([kind, { mode }]) => [kind, mode]))

const alone = {
  pid: 'private',
  ipc: 'shareable',
  uts: 'private',
  net: 'bridge',
  user: 'host',
  cgroup: 'private',
}

describe('namespaces of a container by itself', () => {
  it('has Podman’s defaults', () => {
    expect(modes(configure())).toEqual(alone)
  })

  it('keeps the host’s cgroup namespace where v1 shows the host’s paths anyway', () => {
    for (const version of ['v1', 'hybrid', 'none'] as const) {
      const cgroups = { version, controllers: [], hierarchies: [] }
      expect(configure({}, { host: host({ cgroups }) }).namespaces.cgroup).toEqual({ mode: 'host' })
    }
  })

  it.each([
    [{ pid: 'host' }, 'pid', { mode: 'host' }],
    [{ ipc: 'private' }, 'ipc', { mode: 'private' }],
    [{ ipc: 'none' }, 'ipc', { mode: 'none' }],
    [{ uts: 'ns:/run/netns/blue' }, 'uts', { mode: 'path', value: '/run/netns/blue' }],
    [{ cgroupns: 'host' }, 'cgroup', { mode: 'host' }],
    [{ userns: 'host' }, 'user', { mode: 'host' }],
  ])('%j', (options, kind, mode) => {
    expect(configure(options).namespaces[kind as 'pid']).toEqual(mode)
  })

  it('puts the id in place of the name of another container', () => {
    const lookupContainer = () => other()
    const { namespaces } = configure({ pid: 'container:other', ipc: 'container:other' }, { lookupContainer })
    expect(namespaces.pid).toEqual({ mode: 'container', value: otherId })
    expect(namespaces.ipc).toEqual({ mode: 'container', value: otherId })
  })

  it.each([
    [{ pid: 'what' }, 'unrecognized namespace mode what passed'],
    [{ pid: 'shareable' }, 'unrecognized namespace mode shareable passed'],
    [{ uts: 'container:' }, 'invalid config provided: namespace mode container requires a value'],
    [
      { pid: 'ns:/gone' },
      'cannot find specified PID namespace path: faccessat /gone: no such file or directory',
    ],
    [
      { pid: 'pod' },
      'cannot use pod namespace as container is not joining a pod or pod has no infra container: invalid argument',
    ],
    [
      { uts: 'host', hostname: 'x' },
      'invalid config provided: cannot set hostname when running in the host UTS namespace: invalid configuration',
    ],
    [
      { ipc: 'host', shmSize: '1m' },
      'invalid config provided: cannot set shmsize when running in the host IPC Namespace',
    ],
    [{ userns: 'nomap' }, 'nomap is only supported in rootless mode'],
    [{ userns: 'keep-id:size=5' }, 'cannot set max size for user namespace when not running rootless'],
    [{ userns: 'private' }, 'must provide at least one UID or GID mapping to configure a user namespace'],
    [{ pid: 'host', init: true }, "cannot add init binary as PID 1 (PID namespace isn't private)"],
  ])('refuses %j', (options, message) => {
    expect(messageOf(() => configure(options))).toBe(message)
  })

  it('refuses to join an IPC namespace that is not shareable', () => {
    const lookupContainer = () => other({ ipc: 'private' })
    expect(messageOf(() => configure({ ipc: 'container:other' }, { lookupContainer }))).toBe(
      `joining IPC of container ${otherId} is not allowed: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
    )
  })

  it('drops published ports where they can lead nowhere, and says so', () => {
    const told: string[] = []
    const ports = [{ hostIp: '', hostPort: 80, containerPort: 80, range: 1, protocol: 'tcp' as const }]
    const config = configure(
      {},
      {
        networkMode: { mode: 'host' },
        network: { ...emptyNetwork(), ports },
        warn: (message) => told.push(message),
      },
    )
    expect(config.network.ports).toEqual([])
    expect(told).toEqual([
      'Port mappings have been discarded because "host" network namespace mode does not support them',
    ])
  })
})

describe('namespaces of a pod’s member', () => {
  it('shares what the pod shares', () => {
    expect(modes(configure({}, inPod()))).toEqual({ ...alone, ipc: 'pod', uts: 'pod', net: 'pod' })
    expect(modes(configure({}, inPod({ share: 'pid' })))).toEqual({ ...alone, pid: 'pod' })
    expect(modes(configure({}, inPod({ share: 'none', publish: ['1:1'] })))).toEqual(alone)
  })

  it('follows an infra container that uses the host’s', () => {
    expect(modes(configure({}, inPod({ share: '+pid', pid: 'host', uts: 'host' })))).toMatchObject({
      pid: 'host',
      uts: 'host',
      ipc: 'pod',
    })
  })

  it('can be set apart from the pod', () => {
    expect(modes(configure({ ipc: 'private', uts: 'private' }, inPod()))).toMatchObject({
      ipc: 'private',
      uts: 'private',
    })
  })

  it('can ask for a namespace that the pod does not share by default', () => {
    expect(configure({ pid: 'pod' }, inPod()).namespaces.pid).toEqual({ mode: 'pod' })
  })

  it('has the pod’s maps and user namespace', () => {
    const pod = inPod({ uidmap: ['0:100000:5000'] })
    const config = configure({}, pod)
    expect(config.namespaces.user).toEqual({ mode: 'pod' })
    expect(config.uidMappings).toEqual([{ container: 0, host: 100000, size: 5000 }])
    expect(config.gidMappings).toEqual(config.uidMappings)
  })

  it.each([
    [
      { hostname: 'x' },
      'invalid config provided: cannot set hostname when joining the pod UTS namespace: invalid configuration',
    ],
    [
      { userns: 'auto' },
      'cannot set user namespace mode when joining pod with infra container: invalid argument',
    ],
    [
      { uidmap: ['0:1:1'] },
      'cannot set user namespace mode when joining pod with infra container: invalid argument',
    ],
  ])('refuses %j', (options, message) => {
    expect(messageOf(() => configure(options, inPod()))).toBe(message)
  })

  it('leaves the network to the pod', () => {
    const network = { ...emptyNetwork(), publishAll: true }
    expect(messageOf(() => configure({}, { ...inPod(), network }))).toBe(
      'invalid config provided: published or exposed ports must be defined when the pod is created: network cannot be configured when it is shared with a pod',
    )
  })
})

describe('hostname', () => {
  it('is the start of the id, unless it is given or another’s', () => {
    expect(configure().hostname).toBe('c0ffeec0ffee')
    expect(configure({ hostname: 'own' }).hostname).toBe('own')
    expect(configure({ uts: 'host' }).hostname).toBe('machine')
    expect(configure({}, { networkMode: { mode: 'host' } }).hostname).toBe('machine')
    expect(configure({}, inPod({}, 'mypod')).hostname).toBe('mypod')
    expect(configure({}, inPod({ hostname: 'given' })).hostname).toBe('given')
    expect(configure({}, inPod({ share: 'net' })).hostname).toBe('c0ffeec0ffee')
    const lookupContainer = () => other({ hostname: 'theirs' })
    expect(configure({ uts: 'container:other' }, { lookupContainer }).hostname).toBe('theirs')
  })
})
