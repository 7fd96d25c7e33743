import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openEngine } from '../../../src/libpod'
import { exposedByPort, portBindings } from '../../../src/libpod/show/ports'
import { sampleConfig, sampleSandbox, store, temporaryState } from '../state/sample'
import { id, sampleMember, samplePod } from './samples'

const mapping = { hostIp: '', hostPort: 8080, containerPort: 80, range: 2, protocol: 'tcp' as const }

describe('what is shown', () => {
  let place: ReturnType<typeof temporaryState>
  beforeEach(() => {
    place = temporaryState()
  })
  afterEach(() => place.remove())

  const engine = () => openEngine({ root: place.state.paths.root, runroot: place.state.paths.runroot })

  test('a member of a pod is listed with the ports of the pod', async () => {
    const pod = samplePod({ members: [sampleMember('front')] })
    pod.containers[0]!.config.network.ports = [mapping]
    await store(place.state, pod)
    const rows = await engine().containers.list({ all: true, sort: 'names' })
    expect(rows.map(({ Names, PodName, IsInfra }) => ({ Names, PodName, IsInfra }))).toEqual([
      { Names: ['front'], PodName: 'web', IsInfra: false },
      { Names: ['web-infra'], PodName: 'web', IsInfra: true },
    ])
    for (const { Ports } of rows) {
      expect(Ports).toEqual([{ host_ip: '', container_port: 80, host_port: 8080, range: 2, protocol: 'tcp' }])
    }
  })

  test('only those that run are listed without --all', async () => {
    await store(place.state, sampleSandbox())
    expect(await engine().containers.list()).toEqual([])
    expect(await engine().containers.list({ last: 1 })).toHaveLength(1)
  })

  test('inspect tells of one that never ran', async () => {
    const container = sampleSandbox({
      config: sampleConfig({ argv: ['sh', '-c', 'x'], command: ['sh', '-c', 'x'] }),
    })
    await store(place.state, container)
    const { results, errors } = await engine().containers.inspect(['web', 'nope'])
    expect(results[0]).toMatchObject({
      Id: container.id,
      Path: 'sh',
      Args: ['-c', 'x'],
      State: { Status: 'created', Running: false, Pid: 0, StartedAt: '0001-01-01T00:00:00Z' },
      Config: { Cmd: ['sh', '-c', 'x'], StopSignal: 'SIGTERM' },
      HostConfig: { NetworkMode: 'host', RestartPolicy: { Name: 'no', MaximumRetryCount: 0 } },
    })
    expect(errors.map(({ message }) => message)).toEqual([
      'no container with name or ID "nope" found: no such container',
    ])
  })

  test('inspect of a pod names what it shares and whom it holds', async () => {
    const pod = samplePod({ members: [sampleMember('front')] })
    await store(place.state, pod)
    const { results } = await engine().pods.inspect(['web'])
    expect(results[0]).toMatchObject({
      Name: 'web',
      State: 'Created',
      CreateInfra: true,
      InfraContainerID: id('1f'),
      SharedNamespaces: ['ipc', 'net', 'uts'],
      NumContainers: 2,
    })
    const rows = await engine().pods.list({ filter: ['name=web'] })
    expect(rows).toMatchObject([{ Name: 'web', Status: 'Created', InfraId: id('1f'), Networks: ['podman'] }])
  })
})

test('ranges of ports are taken apart', () => {
  expect(portBindings([mapping])).toEqual({
    '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }],
    '81/tcp': [{ HostIp: '0.0.0.0', HostPort: '8081' }],
  })
  expect(exposedByPort(['80/tcp', '80/udp', '53/udp'])).toEqual({ 80: ['tcp', 'udp'], 53: ['udp'] })
  expect(exposedByPort([])).toBeNull()
})
