import { execa } from 'execa'
import { beforeEach, expect, test } from 'vitest'
import { BINARY } from './harness/command'
import { needTspod } from './harness/need'
import { IMAGE, useStore } from './harness/store'
import { rootfsArchive } from './harness/template'
import { sleep } from './harness/wait'

const store = useStore()

beforeEach(() => store.clear())

/** Starts a command and kills it after `ms`, by a signal that it can't catch. */
async function killed(ms: number, ...args: string[]) {
  const child = execa(BINARY, [...store.options, ...args], { reject: false, stdin: 'ignore' })
  await sleep(ms)
  child.kill('SIGKILL')
  await child
}

/** Moments from the first file to be read to well after the end, in no order. */
const moments = (count: number, longest: number) =>
  Array.from({ length: count }, (_, index) => Math.round((((index * 7) % count) / count) * longest) + 5)

const LEAVES = 'leaves conmon and runc init behind'

test('run, killed at any moment, can be cleaned up and run again', async (context) => {
  needTspod(context, LEAVES)
  for (const ms of moments(24, 240)) {
    await killed(ms, 'run', '--detach', '--name', 'cut', IMAGE, 'sleep', '1000')
    expect(await store.run(['ps', '--all', '--quiet'])).toMatchObject({ exitCode: 0 })
    expect(await store.run(['rm', '--force', '--time', '0', 'cut'])).toMatchObject({
      exitCode: 0,
      stderr: '',
    })
    expect(await store.run(['run', '--name', 'cut', IMAGE, 'true'])).toEqual({
      exitCode: 0,
      stdout: '',
      stderr: '',
    })
    await store.ok('rm', 'cut')
  }
})

test('pod create and rm, killed at any moment', async (context) => {
  needTspod(context, LEAVES)
  for (const ms of moments(12, 120)) {
    await killed(ms, 'pod', 'create', '--name', 'cutpod', '-p', '28080:80')
    await store.run(['pod', 'rm', '--force', '--time', '0', 'cutpod'])
    expect(
      await store.run(['run', '--pod', 'new:cutpod', '--name', 'inside', '--detach', IMAGE, 'sleep', '1000']),
    ).toMatchObject({ exitCode: 0 })
    await killed(ms, 'pod', 'rm', '--force', '--time', '0', 'cutpod')
    const { exitCode, stderr } = await store.run([
      'pod',
      'rm',
      '--force',
      '--ignore',
      '--time',
      '0',
      'cutpod',
    ])
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(await store.ok('ps', '--all', '--quiet')).toBe('')
  }
})

test('stop, killed at any moment, is carried to its end by the monitor', async (context) => {
  needTspod(context, 'its stop ends with the command')
  const script = 'trap "" TERM; while :; do sleep 0.05; done'
  await store.ok('run', '--detach', '--name', 'stubborn', IMAGE, 'sh', '-c', script)
  await killed(200, 'stop', '--time', '1', 'stubborn')
  expect(await store.ok('wait', 'stubborn')).toBe('137')
})

test('import, killed at any moment, leaves no half image', async () => {
  for (const ms of moments(6, 500)) {
    await killed(ms, 'import', rootfsArchive(), 'localhost/cut')
    const { exitCode } = await store.run(['image', 'exists', 'localhost/cut'])
    if (exitCode === 0) expect(await store.ok('run', '--rm', 'localhost/cut', 'echo', 'whole')).toBe('whole')
    else await store.ok('import', rootfsArchive(), 'localhost/cut')
    await store.ok('rmi', '--force', 'localhost/cut')
  }
})

test('an attached run that is killed leaves its container running', async () => {
  await killed(900, 'run', '--name', 'orphaned', IMAGE, 'sleep', '1000')
  expect(await store.inspect('orphaned', '{{.State.Running}}')).toBe('true')
  await store.ok('stop', '--time', '0', 'orphaned')
})
