import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, test } from 'vitest'
import { sharedKinds } from './harness/namespaces'
import { IMAGE, useStore } from './harness/store'
import { eventually } from './harness/wait'

const store = useStore()
const sleeper = (pod: string, name: string) =>
  store.ok('run', '--detach', '--pod', pod, '--name', name, IMAGE, 'sleep', '1000')
/** Podman 4 prints one pod, Podman 5 a list of one. */
const inspectPod = async (name: string) => {
  const found = JSON.parse(await store.ok('pod', 'inspect', name))
  return Array.isArray(found) ? found[0] : found
}
const podStatus = async (name: string) => store.ok('pod', 'inspect', '--format', '{{.State}}', name)

beforeEach(() => store.clear())

describe('a pod', () => {
  test('is created with its infra container, which does not run yet', async () => {
    const id = await store.ok('pod', 'create', '--name', 'fresh')
    expect(id).toMatch(/^[0-9a-f]{64}$/)
    expect(await podStatus('fresh')).toBe('Created')
    expect(await store.ok('ps', '--all', '--format', '{{.Names}} {{.Status}}')).toBe(
      `${id.slice(0, 12)}-infra Created`,
    )
    expect(await store.ok('ps', '--quiet')).toBe('')
  })

  test('starts its infra container with the first of its containers', async () => {
    const id = await store.ok('pod', 'create', '--name', 'woken')
    await sleeper('woken', 'first')
    expect(await store.inspect(`${id.slice(0, 12)}-infra`, '{{.State.Running}}')).toBe('true')
    expect(await podStatus('woken')).toBe('Running')
  })

  test('shares net, uts and ipc, and nothing else', async () => {
    await store.ok('pod', 'create', '--name', 'sharing')
    await sleeper('sharing', 'one')
    await sleeper('sharing', 'two')
    const [one, two] = [await store.pid('one'), await store.pid('two')]
    const kinds = sharedKinds(one, two)
    expect(kinds).toEqual(expect.arrayContaining(['ipc', 'net', 'uts']))
    expect(kinds).not.toContain('mnt')
    expect(kinds).not.toContain('pid')
    const host = sharedKinds(one, 'self')
    for (const kind of ['ipc', 'net', 'uts', 'mnt', 'pid'] as const) expect(host).not.toContain(kind)
  })

  test('stops and starts with all its containers', async () => {
    await store.ok('pod', 'create', '--name', 'together')
    await sleeper('together', 'a')
    await sleeper('together', 'b')
    await store.ok('pod', 'stop', '--time', '0', 'together')
    expect(await podStatus('together')).toBe('Exited')
    expect(await store.ok('ps', '--quiet')).toBe('')
    await store.ok('pod', 'start', 'together')
    expect(await podStatus('together')).toBe('Running')
    const before = await store.pid('a')
    await store.ok('pod', 'restart', 'together')
    expect(await store.pid('a')).not.toBe(before)
    await store.ok('pod', 'kill', 'together')
    await eventually(async () => (await podStatus('together')) === 'Exited')
  })

  test('is degraded when one of its containers is down', async () => {
    await store.ok('pod', 'create', '--name', 'limping')
    await sleeper('limping', 'up')
    await store.ok('run', '--pod', 'limping', IMAGE, 'true')
    expect(await podStatus('limping')).toBe('Degraded')
  })

  test('that still has containers is removed by force alone', async () => {
    await store.ok('pod', 'create', '--name', 'full')
    await sleeper('full', 'member')
    expect((await store.run(['pod', 'rm', 'full'])).exitCode).toBe(125)
    expect((await store.run(['container', 'exists', 'member'])).exitCode).toBe(0)
    await store.ok('pod', 'rm', '--force', '--time', '0', 'full')
    expect((await store.run(['pod', 'exists', 'full'])).exitCode).toBe(1)
    expect((await store.run(['container', 'exists', 'member'])).exitCode).toBe(1)
  })

  test('keeps its infra container from being removed alone', async () => {
    const id = await store.ok('pod', 'create')
    expect((await store.run(['rm', '--force', `${id.slice(0, 12)}-infra`])).exitCode).not.toBe(0)
    expect((await store.run(['pod', 'exists', id])).exitCode).toBe(0)
  })
})

describe('pod create', () => {
  test('--replace takes the place of the pod of that name', async () => {
    const first = await store.ok('pod', 'create', '--name', 'again')
    expect(await store.fails(125, 'pod', 'create', '--name', 'again')).toMatch(/name "?again"? is.* in use/)
    const second = await store.ok('pod', 'create', '--replace', '--name', 'again')
    expect(second).not.toBe(first)
  })

  test('--pod-id-file is written, and read by run', async () => {
    const path = join(store.folder, 'podid')
    const id = await store.ok('pod', 'create', '--pod-id-file', path)
    expect(readFileSync(path, 'utf8').trim()).toBe(id)
    const container = await store.ok('create', '--pod-id-file', path, IMAGE, 'true')
    expect(await store.inspect(container, '{{.Pod}}')).toBe(id)
  })

  test('--infra=false makes a pod of stand-alone containers', async () => {
    await store.ok('pod', 'create', '--name', 'bare', '--infra=false')
    await sleeper('bare', 'b1')
    await sleeper('bare', 'b2')
    expect(sharedKinds(await store.pid('b1'), await store.pid('b2'))).not.toContain('net')
    expect((await store.ok('ps', '--all', '--quiet')).split('\n')).toHaveLength(2)
  })

  test('--infra-name and --infra-command', async () => {
    await store.ok('pod', 'create', '--name', 'dressed', '--infra-name', 'pillar')
    expect(await store.ok('ps', '--all', '--format', '{{.Names}}')).toBe('pillar')
  })

  test('--hostname and --label', async () => {
    await store.ok('pod', 'create', '--name', 'named', '--hostname', 'given', '--label', 'team=blue')
    await sleeper('named', 'n1')
    expect(await store.ok('exec', 'n1', 'uname', '-n')).toBe('given')
    expect(await store.ok('pod', 'ps', '--filter', 'label=team=blue', '--format', '{{.Name}}')).toBe('named')
  })

  test.for([
    ['none', []],
    ['', []],
    ['net', ['net']],
    ['uts,ipc', ['ipc', 'uts']],
    ['+pid', ['ipc', 'net', 'pid', 'uts']],
  ] as const)('--share %j', async ([share, kinds]) => {
    await store.ok('pod', 'create', '--name', 'shares', '--share', share)
    const { SharedNamespaces } = await inspectPod('shares')
    expect([...(SharedNamespaces ?? [])].sort()).toEqual(kinds)
  })

  test('--exit-policy stop ends the pod with its last container', async () => {
    await store.ok('pod', 'create', '--name', 'passing', '--exit-policy', 'stop')
    await store.ok('run', '--pod', 'passing', IMAGE, 'true')
    await eventually(async () => (await podStatus('passing')) === 'Exited')
  })

  test('--exit-policy continue keeps it', async () => {
    await store.ok('pod', 'create', '--name', 'lasting')
    await store.ok('run', '--pod', 'lasting', IMAGE, 'true')
    expect(await podStatus('lasting')).toBe('Degraded')
  })
})

describe('run --pod', () => {
  test('new:NAME makes the pod', async () => {
    await store.ok('run', '--detach', '--pod', 'new:made', '--name', 'maker', IMAGE, 'sleep', '1000')
    expect(await store.ok('pod', 'ps', '--format', '{{.Name}} {{.NumberOfContainers}}')).toBe('made 2')
  })

  test("refuses a port, which is the pod's to publish", async () => {
    await store.ok('pod', 'create', '--name', 'closed')
    expect(await store.fails(125, 'run', '--pod', 'closed', '-p', '8081:80', IMAGE, 'true')).toMatch(
      /published or exposed ports must be defined when the pod is created/,
    )
  })
})

describe('pods are shown by', () => {
  test('pod ps', async () => {
    await store.ok('pod', 'create', '--name', 'shown')
    await sleeper('shown', 's1')
    const [heading, row] = (await store.ok('pod', 'ps')).split('\n')
    expect(heading).toMatch(/^POD ID +NAME +STATUS +CREATED +INFRA ID +# OF CONTAINERS$/)
    expect(row).toMatch(/^[0-9a-f]{12} +shown +Running +.* ago +[0-9a-f]{12} +2$/)
    const [json] = JSON.parse(await store.ok('pod', 'ps', '--format', 'json'))
    expect(json).toMatchObject({ Name: 'shown', Status: 'Running' })
    for (const command of [
      ['pod', 'ls'],
      ['pod', 'list'],
    ])
      expect(await store.ok(...command, '--quiet')).toMatch(/^[0-9a-f]{12,64}$/)
  })

  test('ps --pod', async () => {
    const id = await store.ok('pod', 'create', '--name', 'grouped')
    await sleeper('grouped', 'g1')
    const row = await store.ok('ps', '--pod', '--filter', 'name=g1', '--noheading')
    expect(row).toMatch(new RegExp(`g1 +${id.slice(0, 12)} +grouped$`))
  })

  test('pod top', async () => {
    await store.ok('pod', 'create', '--name', 'topped', '--share', 'pid')
    await sleeper('topped', 't1')
    const output = await store.ok('pod', 'top', 'topped', 'pid', 'args')
    expect(output).toMatch(/^PID +COMMAND/)
    expect(output).toMatch(/sleep 1000/)
  })

  test('pod inspect', async () => {
    await store.ok('pod', 'create', '--name', 'seen', '-p', '18080:80')
    const pod = await inspectPod('seen')
    expect(pod).toMatchObject({ Name: 'seen', State: 'Created', CreateInfra: true, NumContainers: 1 })
    expect(pod.InfraConfig.PortBindings).toEqual({
      '80/tcp': [{ HostIp: expect.any(String), HostPort: '18080' }],
    })
  })
})

test('pod prune removes those that are down', async () => {
  await store.ok('pod', 'create', '--name', 'alive')
  await sleeper('alive', 'still')
  await store.ok('pod', 'create', '--name', 'ended')
  await store.ok('run', '--pod', 'ended', IMAGE, 'true')
  await store.ok('pod', 'stop', '--time', '0', 'ended')
  await store.ok('pod', 'prune', '--force')
  expect(await store.ok('pod', 'ps', '--format', '{{.Name}}')).toBe('alive')
})

test('a pod that is gone is an error in every verb', async () => {
  for (const verb of ['start', 'stop', 'kill', 'restart', 'rm', 'inspect', 'top', 'logs']) {
    const { exitCode, stderr } = await store.run(['pod', verb, 'gone'])
    expect({ verb, code: exitCode !== 0, stderr }).toEqual({
      verb,
      code: true,
      stderr: expect.stringMatching(/no such pod.*gone|gone.*no such pod/s),
    })
  }
  expect((await store.run(['pod', 'exists', 'gone'])).exitCode).toBe(1)
})
