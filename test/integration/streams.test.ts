import { createHash, randomBytes } from 'node:crypto'
import { execa } from 'execa'
import { beforeAll, describe, expect, test } from 'vitest'
import { BINARY } from './harness/command'
import { IMAGE, useStore } from './harness/store'
import { eventually } from './harness/wait'

const store = useStore()
const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest('hex')

beforeAll(async () => {
  await store.ok('run', '--detach', '--name', 'stands', IMAGE, 'sleep', '1000')
})

describe.each([
  ['run', ['run', '--rm'], IMAGE],
  ['exec', ['exec'], 'stands'],
])('%s', (_verb, command, target) => {
  test('keeps stdout and stderr apart', async () => {
    const outcome = await store.run([...command, target, 'sh', '-c', 'echo out; echo err >&2'])
    expect(outcome).toEqual({ exitCode: 0, stdout: 'out', stderr: 'err' })
  })

  test('-i passes stdin on to its end, byte by byte', async () => {
    const bytes = randomBytes(3 << 20)
    const { stdout } = await store.run([...command, '-i', target, 'md5sum'], { input: bytes })
    expect(stdout).toBe(`${md5(bytes)}  -`)
  })

  test('without -i there is no stdin', async () => {
    const { stdout } = await store.run([...command, target, 'sh', '-c', 'cat; echo end'], {
      input: 'unseen\n',
    })
    expect(stdout).toBe('end')
  })

  test('gives back binary output unchanged', async () => {
    const bytes = randomBytes(1 << 20)
    const result = await execa(BINARY, [...store.options, ...command, '-i', target, 'cat'], {
      input: bytes,
      encoding: 'buffer',
      stripFinalNewline: false,
    })
    expect(md5(result.stdout)).toBe(md5(bytes))
  })

  test('loses no output of a command that ends at once', async () => {
    const { stdout } = await store.run([...command, target, 'seq', '20000'])
    expect(stdout.split('\n')).toHaveLength(20000)
  })

  test('ends when nobody reads its output any more', async () => {
    const words = [BINARY, ...store.options, ...command, target, 'seq', '1000000'].join(' ')
    const { stdout } = await execa('sh', ['-c', `${words} | head -n 2`], { timeout: 20_000 })
    expect(stdout).toBe('1\n2')
  })
})

describe('attach', () => {
  test('shows what a running container prints', async () => {
    const script = 'while [ ! -e /go ]; do sleep 0.05; done; echo seen; exit 5'
    await store.ok('run', '--detach', '--name', 'watched', IMAGE, 'sh', '-c', script)
    const attached = store.run(['attach', 'watched'])
    await new Promise((resolve) => setTimeout(resolve, 500))
    await store.ok('exec', 'watched', 'touch', '/go')
    expect(await attached).toMatchObject({ exitCode: 0, stdout: 'seen\n' })
  })

  test('feeds stdin to a container that was started with -i', async () => {
    await store.ok('run', '--detach', '--interactive', '--name', 'fed', IMAGE, 'head', '-n', '1')
    expect(await store.run(['attach', 'fed'], { input: 'line\n' })).toMatchObject({
      exitCode: 0,
      stdout: 'line\n',
    })
  })

  test('passes a signal on to the container', async () => {
    await store.ok(
      'create',
      '--name',
      'signalled',
      IMAGE,
      'sh',
      '-c',
      'trap "echo got; exit 3" TERM; echo ready; while :; do sleep 0.1; done',
    )
    const child = execa(BINARY, [...store.options, 'start', '--attach', 'signalled'], { reject: false })
    await eventually(async () => (await store.ok('logs', 'signalled')).includes('ready'))
    child.kill('SIGTERM')
    expect(await child).toMatchObject({ exitCode: 3, stdout: 'ready\ngot' })
  })
})

test('run --attach stderr shows that alone', async () => {
  const script = 'echo out; echo err >&2'
  const outcome = await store.run(['run', '--rm', '--attach', 'stderr', IMAGE, 'sh', '-c', script])
  expect(outcome).toEqual({ exitCode: 0, stdout: '', stderr: 'err' })
})

test('the id alone comes from run --detach', async () => {
  const id = await store.ok('run', '--detach', IMAGE, 'sh', '-c', 'echo hidden')
  expect(id).toMatch(/^[0-9a-f]{64}$/)
})
