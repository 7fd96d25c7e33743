import { existsSync } from 'node:fs'
import { beforeEach, describe, expect, test } from 'vitest'
import { IMAGE, useStore } from './harness/store'
import { eventually, sleep } from './harness/wait'

const store = useStore()
const STATE = '{{.State.Status}} {{.State.ExitCode}}'
const STUBBORN = ['sh', '-c', 'trap "" TERM; echo ready; while :; do sleep 0.1; done']
const OBEDIENT = ['sh', '-c', 'trap "exit 12" TERM; echo ready; while :; do sleep 0.1; done']

beforeEach(() => store.clear())

const ready = (name: string) => eventually(async () => (await store.ok('logs', name)).includes('ready'))
const seconds = async (work: Promise<unknown>): Promise<number> => {
  const start = Date.now()
  await work
  return (Date.now() - start) / 1000
}

describe('a container goes through', () => {
  test('created, running, exited, running again, and away', async () => {
    const id = await store.ok('create', '--name', 'one', IMAGE, ...OBEDIENT)
    expect(await store.inspect('one', STATE)).toBe('created 0')
    expect(await store.ok('start', 'one')).toBe('one')
    await ready('one')
    expect(await store.inspect('one', STATE)).toBe('running 0')
    const pid = await store.pid('one')
    expect(existsSync(`/proc/${pid}`)).toBe(true)
    expect(await store.ok('stop', 'one')).toBe('one')
    expect(await store.inspect('one', STATE)).toBe('exited 12')
    expect(existsSync(`/proc/${pid}`)).toBe(false)
    await store.ok('restart', 'one')
    expect(await store.inspect('one', STATE)).toBe('running 0')
    expect(await store.ok('rm', '--force', '--time', '0', 'one')).toMatch(new RegExp(`^(one|${id})$`))
    expect(await store.fails(1, 'container', 'exists', 'one')).toBe('')
  })

  test('a removal refused while it runs', async () => {
    const id = await store.ok('run', '--detach', '--name', 'busy', IMAGE, 'sleep', '1000')
    expect(await store.fails(2, 'rm', 'busy')).toMatch(
      new RegExp(`^Error: cannot remove container ${id} as it is running`),
    )
  })
})

describe('stop', () => {
  test('kills what does not obey after the timeout', async () => {
    await store.ok('run', '--detach', '--name', 'stubborn', IMAGE, ...STUBBORN)
    await ready('stubborn')
    const took = await seconds(store.ok('stop', '--time', '1', 'stubborn'))
    expect(took).toBeGreaterThan(0.9)
    expect(took).toBeLessThan(4)
    expect(await store.inspect('stubborn', STATE)).toBe('exited 137')
  })

  test("takes the container's own timeout and signal", async () => {
    const script = 'trap "exit 21" USR1; echo ready; while :; do sleep 0.1; done'
    await store.ok(
      'run',
      '--detach',
      '--name',
      'own',
      '--stop-signal',
      'USR1',
      '--stop-timeout',
      '9',
      IMAGE,
      'sh',
      '-c',
      script,
    )
    await ready('own')
    expect(await seconds(store.ok('stop', 'own'))).toBeLessThan(5)
    expect(await store.inspect('own', STATE)).toBe('exited 21')
  })

  test('does all it can, and names what failed', async () => {
    await store.ok('run', '--detach', '--name', 'there', IMAGE, ...OBEDIENT)
    const { exitCode, stderr } = await store.run(['stop', '--time', '1', 'absent', 'there'])
    expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringMatching(/"absent"/) })
  })

  test('of a stopped one is no error', async () => {
    await store.ok('run', '--name', 'done', IMAGE, 'true')
    expect(await store.ok('stop', 'done')).toBe('done')
  })
})

describe('kill', () => {
  test('sends the signal that it is told', async () => {
    const script = 'trap "echo hup" HUP; echo ready; while :; do sleep 0.1; done'
    await store.ok('run', '--detach', '--name', 'told', IMAGE, 'sh', '-c', script)
    await ready('told')
    await store.ok('kill', '--signal', 'HUP', 'told')
    await eventually(async () => (await store.ok('logs', 'told')).includes('hup'))
    await store.ok('kill', 'told')
    await eventually(async () => (await store.inspect('told', STATE)) === 'exited 137')
  })

  test('of one that does not run is refused', async () => {
    await store.ok('create', '--name', 'idle', IMAGE, 'true')
    expect(await store.fails(125, 'kill', 'idle')).toMatch(/can only kill running containers/)
  })
})

describe('--rm', () => {
  test('removes the container when it ends, with nobody waiting', async () => {
    await store.ok('run', '--detach', '--rm', '--name', 'brief', IMAGE, 'sleep', '0.4')
    await eventually(async () => (await store.run(['container', 'exists', 'brief'])).exitCode === 1)
  })

  test('removes it when it is stopped', async () => {
    await store.ok('run', '--detach', '--rm', '--name', 'halted', IMAGE, ...OBEDIENT)
    await ready('halted')
    await store.ok('stop', 'halted')
    await eventually(async () => (await store.run(['container', 'exists', 'halted'])).exitCode === 1)
  })
})

describe('a restart policy', () => {
  const restarts = (name: string) => store.inspect(name, '{{.RestartCount}}')

  test('on-failure tries as often as it may', async () => {
    await store.ok(
      'run',
      '--detach',
      '--name',
      'failing',
      '--restart',
      'on-failure:2',
      IMAGE,
      'sh',
      '-c',
      'echo try; exit 3',
    )
    await eventually(
      async () =>
        (await store.inspect('failing', STATE)) === 'exited 3' && (await restarts('failing')) === '2',
    )
    expect(await store.ok('logs', 'failing')).toBe('try\ntry\ntry')
  })

  test('on-failure leaves a success alone', async () => {
    await store.ok('run', '--name', 'fine', '--restart', 'on-failure:5', IMAGE, 'true')
    await sleep(300)
    expect(await restarts('fine')).toBe('0')
  })

  test('always starts again, until a user stops it', async () => {
    await store.ok('run', '--detach', '--name', 'phoenix', '--restart', 'always', IMAGE, 'sleep', '0.2')
    await eventually(async () => Number(await restarts('phoenix')) >= 2)
    await store.ok('stop', '--time', '0', 'phoenix')
    const count = await restarts('phoenix')
    await sleep(600)
    expect(await store.inspect('phoenix', '{{.State.Running}}')).toBe('false')
    expect(await restarts('phoenix')).toBe(count)
  })

  test('starts again what was killed from outside', async () => {
    await store.ok('run', '--detach', '--name', 'shot', '--restart', 'always', IMAGE, 'sleep', '1000')
    const first = await store.pid('shot')
    process.kill(first, 'SIGKILL')
    await eventually(async () => {
      const pid = await store.pid('shot')
      return pid > 0 && pid !== first
    })
  })

  test('that is none is refused', async () => {
    expect(await store.fails(125, 'run', '--restart', 'sometimes', IMAGE, 'true')).toMatch(/sometimes/)
  })
})

describe('wait', () => {
  test('gives the codes of several', async () => {
    await store.ok('run', '--detach', '--name', 'w1', IMAGE, 'sh', '-c', 'sleep 0.2; exit 1')
    await store.ok('run', '--detach', '--name', 'w2', IMAGE, 'sh', '-c', 'sleep 0.4; exit 2')
    expect(await store.ok('wait', 'w1', 'w2')).toBe('1\n2')
  })

  test('--condition running waits for a start', async () => {
    await store.ok('create', '--name', 'later', IMAGE, 'sleep', '1000')
    const waiting = store.ok('wait', '--condition', 'running', 'later')
    await sleep(200)
    await store.ok('start', 'later')
    expect(await waiting).toBe('-1')
  })
})

test('pause stops the processes, unpause lets them go on', async () => {
  await store.ok(
    'run',
    '--detach',
    '--name',
    'frozen',
    IMAGE,
    'sh',
    '-c',
    'while :; do echo tick; sleep 0.05; done',
  )
  await store.ok('pause', 'frozen')
  expect(await store.inspect('frozen', '{{.State.Status}}')).toBe('paused')
  const before = await store.ok('logs', 'frozen')
  await sleep(300)
  expect(await store.ok('logs', 'frozen')).toBe(before)
  await store.ok('unpause', 'frozen')
  await eventually(async () => (await store.ok('logs', 'frozen')).length > before.length)
})

test('a container of a stopped one by --all and by the beginning of an id', async () => {
  const id = await store.ok('run', '--detach', IMAGE, 'sleep', '1000')
  await store.ok('run', '--detach', IMAGE, 'sleep', '1000')
  expect(await store.ok('stop', '--time', '0', id.slice(0, 8))).toBe(id.slice(0, 8))
  await store.ok('stop', '--time', '0', '--all')
  expect(await store.ok('ps', '--quiet')).toBe('')
  expect((await store.ok('ps', '--all', '--quiet')).split('\n')).toHaveLength(2)
})
