import { describe, expect, test } from 'vitest'
import { IMAGE, useStore } from './harness/store'
import { eventually } from './harness/wait'

const store = useStore()

describe('run ends with', () => {
  test.for([
    ["the command's own code", 37, ['sh', '-c', 'exit 37']],
    ['0', 0, ['true']],
    ['126 for a file that is no program', 126, ['/etc/passwd']],
    ['126 for a folder', 126, ['/etc']],
    ['127 for a program that is not there', 127, ['/no/such/program']],
    ['127 for a name that is not on the PATH', 127, ['nosuchprogram']],
  ] as const)('%s', async ([, code, command]) => {
    const { exitCode, stderr } = await store.run(['run', '--rm', IMAGE, ...command])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: code })
    if (code === 126 || code === 127) expect(stderr).toMatch(/^Error: .*\S/)
  })

  test('128 and the signal that ended the command', async () => {
    const running = store.run(['run', '--name', 'victim', IMAGE, 'sleep', '1000'])
    await eventually(async () => (await store.inspect('victim', '{{.State.Running}}')) === 'true')
    await store.ok('kill', 'victim')
    expect((await running).exitCode).toBe(137)
    await store.ok('rm', 'victim')
  })

  test.for([
    ['an unknown option', ['run', '--nonsense', IMAGE, 'true'], /unknown flag: --nonsense/],
    ['an option without its value', ['run', '--name'], /flag needs an argument: --name/],
    ['no image', ['run'], /requires at least 1 arg/],
    [
      'an image that is not there',
      ['run', '--pull', 'never', 'localhost/missing', 'true'],
      /localhost\/missing/,
    ],
    ['a reference that is none', ['run', 'Not:A:Reference', 'true'], /invalid reference format/],
    ['a pod that is not there', ['run', '--pod', 'gone', IMAGE, 'true'], /no pod with name or ID gone found/],
    ['a network that is not there', ['run', '--network', 'nowhere', IMAGE, 'true'], /network/],
  ] as const)('125 for %s', async ([, args, message]) => {
    const { exitCode, stderr } = await store.run([...args])
    expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringMatching(message) })
    expect(stderr).toMatch(/^Error: /)
  })

  test('nothing left of those that could not start', async () => {
    expect(await store.ok('ps', '--all', '--quiet')).toBe('')
  })
})

describe('exec ends with', () => {
  test.for([
    ["the command's own code", 41, ['sh', '-c', 'exit 41']],
    ['128 and the signal', 143, ['sh', '-c', 'kill -15 $$; sleep 1']],
    ['126 for a file that is no program', 126, ['/etc/passwd']],
    ['127 for a program that is not there', 127, ['nosuchprogram']],
  ] as const)('%s', async ([, code, command]) => {
    const name = `exec-${code}`
    await store.ok('run', '--detach', '--name', name, IMAGE, 'sleep', '1000')
    const { exitCode, stderr } = await store.run(['exec', name, ...command])
    expect({ exitCode, stderr }).toMatchObject({ exitCode: code })
  })

  test('125 for a container that is not there', async () => {
    expect(await store.fails(125, 'exec', 'gone', 'true')).toMatch(
      /^Error: no container with name or ID "gone" found: no such container$/,
    )
  })

  test('255 for a container that does not run', async () => {
    await store.ok('create', '--name', 'idle', IMAGE, 'true')
    expect(await store.fails(255, 'exec', 'idle', 'true')).toMatch(/container state improper/)
  })
})

describe('the code of a container', () => {
  test('is what wait prints', async () => {
    await store.ok('run', '--detach', '--name', 'waited', IMAGE, 'sh', '-c', 'sleep 0.3; exit 9')
    expect(await store.ok('wait', 'waited')).toBe('9')
    expect(await store.inspect('waited', '{{.State.ExitCode}} {{.State.Status}}')).toBe('9 exited')
  })

  test('is what start --attach ends with', async () => {
    await store.ok('create', '--name', 'attached', IMAGE, 'sh', '-c', 'echo out; exit 11')
    expect(await store.run(['start', '--attach', 'attached'])).toMatchObject({ exitCode: 11, stdout: 'out' })
  })

  test('is 0 for run --detach, whatever becomes of it', async () => {
    expect((await store.run(['run', '--detach', '--rm', IMAGE, 'false'])).exitCode).toBe(0)
  })
})
