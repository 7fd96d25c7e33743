import { closeSync, openSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { openKernel } from '../../src/kernel'

const kernel = openKernel()
const shell = kernel.findProgram('sh')!
const run = (script: string, input?: string | Uint8Array) =>
  kernel.runProgram(shell, ['-c', script], { input })

describe('a program that is waited for', () => {
  test('reads its input and gives both outputs and its code', () => {
    const { code, stdout, stderr } = run('cat; echo oops >&2; exit 3', 'hello')
    expect([code, String(stdout), String(stderr)]).toEqual([3, 'hello', 'oops\n'])
  })

  test('that a signal ends has the code that shells give it', () => {
    expect(run('kill -KILL $$').code).toBe(137)
  })

  test('may write more than any pipe holds, to both outputs', () => {
    const many = Buffer.alloc(4 << 20, 'x')
    const { stdout, stderr } = run('cat | tee /dev/stderr', many)
    expect([stdout.equals(many), stderr.equals(many)]).toEqual([true, true])
  })

  test('sees nothing of our environment and descriptors', () => {
    const ours = openSync('/etc/passwd', 'r')
    process.env.TSPOD_TEST_SECRET = 'secret'
    const { stdout } = run(`env; [ -e /proc/self/fd/${ours} ] || echo closed`)
    delete process.env.TSPOD_TEST_SECRET
    closeSync(ours)
    expect(String(stdout)).not.toContain('secret')
    expect(String(stdout)).toMatch(/^LC_ALL=C$/m)
    expect(String(stdout)).toMatch(/^closed$/m)
  })

  test('can run while something else is done', () => {
    const finish = kernel.startProgram(shell, ['-c', 'sleep 0.2; echo done'])
    const began = Date.now()
    expect(String(finish().stdout)).toBe('done\n')
    expect(Date.now() - began).toBeGreaterThan(100)
  })

  test('that is missing is an error that names it', () => {
    expect(() => kernel.runProgram('/no/such/program', [])).toThrow(
      'start /no/such/program: no such file or directory',
    )
  })
})

describe('a program beside the event loop', () => {
  test('reads its input and gives both outputs and its code', async () => {
    let ticks = 0
    const timer = setInterval(() => ticks++, 10)
    const running = kernel.runProgramAsync(shell, ['-c', 'cat; sleep 0.2; echo oops >&2; exit 3'], {
      input: 'hello',
    })
    const { code, stdout, stderr } = await running
    clearInterval(timer)
    expect([code, String(stdout), String(stderr)]).toEqual([3, 'hello', 'oops\n'])
    expect(ticks).toBeGreaterThan(3)
  })

  test('that is missing, or ends by a signal, is told apart from one that fails', async () => {
    await expect(kernel.runProgramAsync('/no/such/program', [])).rejects.toThrow(
      'start /no/such/program: ENOENT',
    )
    expect((await kernel.runProgramAsync(shell, ['-c', 'kill -KILL $$'])).code).toBe(137)
  })
})

test('programs of the system are found without PATH', () => {
  const path = process.env.PATH
  process.env.PATH = ''
  try {
    expect(kernel.findProgram('sh')).toMatch(/^\/.*\/sh$/)
    expect(kernel.findProgram('no-such-program')).toBeUndefined()
  } finally {
    process.env.PATH = path
  }
})
