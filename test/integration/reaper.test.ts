import { describe, expect, test } from 'vitest'
import { IMAGE, useStore } from './harness/store'

const store = useStore()
const WITH_INIT = ['run', '--rm', '--init', IMAGE]

describe('with --init', () => {
  test('the command is a child of PID 1', async () => {
    expect(await store.ok(...WITH_INIT, 'sh', '-c', 'echo $$ $PPID')).toBe('2 1')
  })

  test.for([
    ['its own code', 'exit 7', 7],
    ['128 and its signal', 'kill -KILL $$', 137],
  ] as const)('the command ends with %s', async ([, script, code]) => {
    expect((await store.run([...WITH_INIT, 'sh', '-c', script])).exitCode).toBe(code)
  })

  test('orphans leave no zombie', async () => {
    const script =
      '(sleep 0.1 &); (sleep 0.1 &); sleep 0.5; grep -l "^State:.Z" /proc/[0-9]*/status; ls -d /proc/[0-9]*'
    const lines = (await store.ok(...WITH_INIT, 'sh', '-c', script)).split('\n')
    expect(lines.filter((line) => line.endsWith('/status'))).toEqual([])
    expect(lines).toContain('/proc/1')
  })

  test('signals reach the command', async () => {
    const script = 'trap "echo term; exit 3" TERM; echo ready; while :; do sleep 0.05; done'
    await store.ok('run', '--detach', '--init', '--name', 'told', IMAGE, 'sh', '-c', script)
    await expect.poll(() => store.ok('logs', 'told')).toContain('ready')
    await store.ok('stop', '--time', '8', 'told')
    expect(await store.ok('logs', 'told')).toContain('term')
    expect(await store.inspect('told', '{{.State.ExitCode}}')).toBe('3')
  })

  test('a program that is not there is told as without it', async () => {
    const { exitCode, stderr } = await store.run([...WITH_INIT, 'nosuchprogram'])
    expect({ exitCode, stderr }).toMatchObject({
      exitCode: 127,
      stderr: expect.stringContaining('nosuchprogram'),
    })
  })
})
