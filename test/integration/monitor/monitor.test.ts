import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { frameHeader } from '../../../src/runtime/messages'
import { monitorSocket, withSocketPath } from '../../../src/runtime/monitor/paths'
import { eventually } from '../harness/wait'
import { ALL, collect, kernel, SANDBOX, Workbench } from './harness'

let bench: Workbench
const use = async (hooks: ConstructorParameters<typeof Workbench>[0] = {}) => {
  bench = await new Workbench(hooks).open()
  return bench
}
beforeEach(() => use())
afterEach(() => bench.close())

describe('a container', () => {
  test('is logged, and its end reported', async () => {
    const client = await bench.client()
    const script = 'echo out; sleep 0.1; echo err >&2; sleep 0.1; printf part; exit 7'
    const { process } = await client.call('start', { run: bench.run('one', script) })
    const { exit } = await client.call('wait', { containerId: 'one', until: 'settled' })
    expect(exit).toMatchObject({ containerId: 'one', exitCode: 7, signal: 0, process, timedOut: false })
    expect(bench.exits).toEqual([exit])
    expect(bench.log('one')).toBe('stdout F out\nstderr F err\nstdout P part\n')
    expect(bench.reports).toEqual([])
  })

  test('loses none of its output, its last included', async () => {
    const client = await bench.client()
    const attached = collect(client)
    await client.call('start', { run: bench.run('one', 'seq 200000'), attach: ALL })
    await attached.exit
    const expected = Array.from({ length: 200_000 }, (_, index) => `${index + 1}\n`).join('')
    expect(attached.seen.stdout === expected).toBe(true)
    expect(
      bench
        .log('one')
        .replace(/P (.*)\nstdout [FP] /g, 'F $1')
        .replaceAll('stdout F ', ''),
    ).toBe(expected)
  })

  test('does not wait for what it left behind', async () => {
    const client = await bench.client()
    const attached = collect(client)
    await client.call('start', { run: bench.run('one', 'sleep 3 & echo done'), attach: ALL })
    const started = Date.now()
    await attached.exit
    expect(attached.seen.stdout).toBe('done\n')
    expect(Date.now() - started).toBeLessThan(2000)
  })

  test('ends by its timeout', async () => {
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'exec sleep 10', { timeout: 0.1 }) })
    const { exit } = await client.call('wait', { containerId: 'one', until: 'exit' })
    expect(exit).toMatchObject({ exitCode: 255, signal: 9, timedOut: true })
  })

  test('that is running already is not started', async () => {
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'exec sleep 10') })
    await expect(client.call('start', { run: bench.run('one', 'true') })).rejects.toMatchObject({
      code: 'state',
    })
    await client.call('stop', { containerId: 'one', signal: 15, timeout: 0 })
  })

  test('that can not be started leaves nothing', async () => {
    const client = await bench.client()
    const run = bench.run('one', 'true', { log: { driver: 'k8s-file', path: '/nonexistent/log' } })
    await expect(client.call('start', { run })).rejects.toThrow(/nonexistent/)
    await bench.done
    expect(existsSync(monitorSocket(bench.runroot, SANDBOX))).toBe(false)
  })
})

describe('stop', () => {
  test('is a signal that the container can answer', async () => {
    const client = await bench.client()
    const attached = collect(client)
    const script = 'trap "exit 5" TERM; echo ready; while :; do sleep 0.02; done'
    await client.call('start', { run: bench.run('one', script), attach: ALL })
    await eventually(() => attached.seen.stdout === 'ready\n')
    const { exit, killed } = await client.call('stop', { containerId: 'one', signal: 15, timeout: 5 })
    expect([exit.exitCode, killed]).toEqual([5, false])
  })

  test('is SIGKILL after the timeout', async () => {
    const client = await bench.client()
    const attached = collect(client)
    const script = 'trap "" TERM; echo ready; while :; do sleep 0.02; done'
    await client.call('start', { run: bench.run('one', script), attach: ALL })
    await eventually(() => attached.seen.stdout === 'ready\n')
    const { exit, killed } = await client.call('stop', { containerId: 'one', signal: 15, timeout: 0.2 })
    expect([exit.exitCode, exit.signal, killed]).toEqual([137, 9, true])
  })

  test('goes on when its client is gone', async () => {
    const client = await bench.client()
    const script = 'trap "" TERM; while :; do sleep 0.02; done'
    const { process } = await client.call('start', { run: bench.run('one', script) })
    client.call('stop', { containerId: 'one', signal: 15, timeout: 0.2 }).catch(() => {})
    client.close()
    await eventually(() => !kernel.isAlive(process))
    await bench.done
  })
})

describe('restart', () => {
  test('runs again as often as the engine says, and appends to the log', async () => {
    bench.close()
    let left = 2
    await use({
      onExit: async () => (left-- > 0 ? { action: 'restart', delay: 1 } : { action: 'end' }),
      onRestarted: async (id, process) => {
        bench.calls.push(`${id} ${process.pid > 0}`)
        return true
      },
    })
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'sleep 0.1; echo again') })
    await client.call('wait', { containerId: 'one', until: 'settled' })
    expect(bench.log('one')).toBe('stdout F again\n'.repeat(3))
    expect(bench.calls).toEqual(['one true', 'one true'])
  })

  test('is given up by a stop that comes between', async () => {
    bench.close()
    await use({ onExit: async () => ({ action: 'restart', delay: 60_000 }) })
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'sleep 0.1; exit 3') })
    await client.call('wait', { containerId: 'one', until: 'exit' })
    const { exit } = await client.call('stop', { containerId: 'one', signal: 15, timeout: 1 })
    expect(exit.exitCode).toBe(3)
  })

  test('that fails is told to the engine', async () => {
    bench.close()
    const broken = { driver: 'k8s-file', path: '/nonexistent/log' } as const
    await use({
      onExit: async () => ({ action: 'restart', delay: 0, run: bench.run('one', 'true', { log: broken }) }),
    })
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'sleep 0.1') })
    await client.call('wait', { containerId: 'one', until: 'settled' })
    expect(bench.calls).toEqual([expect.stringMatching(/restart failed: .*nonexistent/)])
  })
})

describe('attached clients', () => {
  test('give input, and its end', async () => {
    const client = await bench.client()
    const attached = collect(client)
    await client.call('start', { run: bench.run('one', 'cat; echo end', { stdin: true }), attach: ALL })
    client.writeInput(Buffer.from('hello\n'), () => {})
    await eventually(() => attached.seen.stdout === 'hello\n')
    client.endInput()
    await attached.exit
    expect(attached.seen.stdout).toBe('hello\nend\n')
  })

  test('give much input to one that reads slowly', async () => {
    const client = await bench.client()
    const attached = collect(client)
    const script = 'sleep 0.3; md5sum'
    await client.call('start', { run: bench.run('one', script, { stdin: true }), attach: ALL })
    for (let block = 0; block < 64; block++) client.writeInput(Buffer.alloc(65536, block), () => {})
    client.endInput()
    await attached.exit
    expect(attached.seen.stdout).toMatch(/^[0-9a-f]{32} {2}-\n$/)
    const blocks = Array.from({ length: 64 }, (_, block) => Buffer.alloc(65536, block))
    const { createHash } = await import('node:crypto')
    const sum = createHash('md5').update(Buffer.concat(blocks)).digest('hex')
    expect(attached.seen.stdout.slice(0, 32)).toBe(sum)
  })

  test('that go away end the input of a container that has it once', async () => {
    const client = await bench.client()
    const run = bench.run('one', 'cat; echo end', { stdin: true, stdinOnce: true })
    await client.call('start', { run, attach: ALL })
    const other = await bench.client()
    const ended = other.call('wait', { containerId: 'one', until: 'settled' })
    client.close()
    await ended
    expect(bench.log('one')).toBe('stdout F end\n')
  })

  test('that go away leave the input open otherwise', async () => {
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'cat', { stdin: true }), attach: ALL })
    client.close()
    const other = await bench.client()
    const attached = collect(other)
    await other.call('attach', { containerId: 'one', streams: ALL })
    other.writeInput(Buffer.from('second\n'), () => {})
    await eventually(() => attached.seen.stdout === 'second\n')
    other.endInput()
    expect((await attached.exit).exitCode).toBe(0)
  })

  test('get what they asked for, each', async () => {
    const first = await bench.client()
    const second = await bench.client()
    const [one, two] = [collect(first), collect(second)]
    const script = 'read x; echo out; echo err >&2'
    await first.call('start', { run: bench.run('one', script, { stdin: true }), attach: ALL })
    await second.call('attach', {
      containerId: 'one',
      streams: { stdin: false, stdout: false, stderr: true },
    })
    second.writeInput(Buffer.from('not from me\n'), () => {})
    await sleep(50)
    first.writeInput(Buffer.from('go\n'), () => {})
    await Promise.all([one.exit, two.exit])
    expect(one.seen).toEqual({ stdout: 'out\n', stderr: 'err\n' })
    expect(two.seen).toEqual({ stdout: '', stderr: 'err\n' })
  })

  test('that read nothing hold the container up until they are gone, and memory is bounded', async () => {
    const { runroot } = bench
    const slow = await withSocketPath(monitorSocket(runroot, SANDBOX), async (path) => connect(path))
    const client = await bench.client()
    await client.call('start', {
      run: bench.run('one', 'read x; seq 2000000', { stdin: true, log: { driver: 'none' } }),
    })
    slow.pause()
    const request = { id: 1, call: 'attach', request: { containerId: 'one', streams: ALL } }
    const payload = Buffer.from(JSON.stringify(request))
    slow.write(Buffer.concat([frameHeader(0, payload.length), payload, frameHeader(1, 1), Buffer.from('\n')]))
    await sleep(600)
    const { containers } = await client.call('status', {})
    expect(containers).toHaveLength(1)
    expect(containers[0]!.attached).toBe(1)
    slow.destroy()
    await client.call('wait', { containerId: 'one', until: 'exit' })
  })

  test('that send rubbish lose their connection, and nobody else is hurt', async () => {
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'exec sleep 10') })
    const rubbish = [
      Buffer.alloc(100, 0xff),
      Buffer.concat([frameHeader(0, 3), Buffer.from('{"a')]),
      Buffer.concat([frameHeader(0, 2), Buffer.from('[]')]),
      frameHeader(0, 0),
      Buffer.from([0, 0xff, 0xff, 0xff, 0x7f]),
    ]
    for (const bytes of rubbish) {
      const socket = await withSocketPath(monitorSocket(bench.runroot, SANDBOX), async (path) =>
        connect(path),
      )
      socket.resume()
      socket.on('error', () => {})
      const closed = new Promise((resolve) => socket.on('close', resolve))
      socket.write(bytes)
      await closed
    }
    const wrong = { run: null } as unknown as { run: ReturnType<Workbench['run']> }
    await expect(client.call('start', wrong)).rejects.toThrow()
    expect((await client.call('status', {})).containers).toHaveLength(1)
    await client.call('stop', { containerId: 'one', signal: 9, timeout: 1 })
  })
})

describe('a terminal', () => {
  test('carries input, output and its size', async () => {
    const client = await bench.client()
    const attached = collect(client)
    const script = 'stty size; read x; stty size; echo "got $x"; exit 4'
    const run = bench.run('one', script, { terminal: true })
    await client.call('start', { run, attach: { ...ALL, size: { rows: 33, columns: 77 } } })
    await eventually(() => /\d+ \d+\r\n/.test(attached.seen.stdout))
    await client.call('resize', { containerId: 'one', size: { rows: 40, columns: 120 } })
    client.writeInput(Buffer.from('word\n'), () => {})
    expect((await attached.exit).exitCode).toBe(4)
    expect(attached.seen.stdout).toMatch(/word\r\n40 120\r\ngot word\r\n$/)
    expect(bench.log('one')).toContain('stdout F got word\r\n')
  })

  test('may be closed and opened again by the program', async () => {
    const client = await bench.client()
    const attached = collect(client)
    const script = 't=$(tty); exec </dev/null >/dev/null 2>&1; sleep 0.3; echo back >$t'
    await client.call('start', { run: bench.run('one', script, { terminal: true }), attach: ALL })
    await attached.exit
    expect(attached.seen.stdout).toBe('back\r\n')
  })

  test('gives all of a long last output', async () => {
    const client = await bench.client()
    const attached = collect(client)
    await client.call('start', { run: bench.run('one', 'seq 20000', { terminal: true }), attach: ALL })
    await attached.exit
    expect(attached.seen.stdout.endsWith('19999\r\n20000\r\n')).toBe(true)
    expect(attached.seen.stdout.split('\r\n')).toHaveLength(20_001)
  })
})

describe('further programs', () => {
  test('run attached, and their end is told', async () => {
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'exec sleep 10') })
    const second = await bench.client()
    const attached = collect(second)
    const { launch } = bench.run('one', 'cat; exit 9')
    await second.call('exec', { execId: 'e1', containerId: 'one', launch, stdin: true, attach: ALL })
    expect((await client.call('status', {})).execs).toMatchObject([{ execId: 'e1', containerId: 'one' }])
    second.writeInput(Buffer.from('through'), () => {})
    second.endInput()
    await eventually(() => bench.calls.includes('e1 9'))
    expect(attached.seen.stdout).toBe('through')
    expect(readdirSync(`${bench.runroot}/containers/one`).filter((name) => name.startsWith('exec'))).toEqual(
      [],
    )
    await client.call('stop', { containerId: 'one', signal: 9, timeout: 1 })
  })

  test('keep the monitor when the container is gone', async () => {
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'sleep 0.1') })
    const { launch } = bench.run('one', 'sleep 0.4')
    await client.call('exec', { execId: 'e1', containerId: 'one', launch, stdin: false })
    let left = false
    void bench.done.then(() => {
      left = true
    })
    await sleep(250)
    expect(left).toBe(false)
    await bench.done
    expect(bench.calls).toEqual(['e1 0'])
  })
})

describe('the end of the monitor', () => {
  test('comes with the last container, and takes the socket away', async () => {
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'sleep 0.1') })
    await client.call('start', { run: bench.run('two', 'sleep 0.3') })
    await client.call('wait', { containerId: 'one', until: 'settled' })
    expect(existsSync(monitorSocket(bench.runroot, SANDBOX))).toBe(true)
    await bench.done
    expect(existsSync(monitorSocket(bench.runroot, SANDBOX))).toBe(false)
  })

  test('waits while the engine says that something is about to start', async () => {
    bench.close()
    let locked = true
    await use({
      retire: async (leave) => {
        while (locked) await sleep(10)
        return leave()
      },
    })
    const client = await bench.client()
    await client.call('start', { run: bench.run('one', 'sleep 0.1') })
    await client.call('wait', { containerId: 'one', until: 'settled' })
    await sleep(50)
    await client.call('start', { run: bench.run('two', 'sleep 0.2; echo still') })
    locked = false
    await client.call('wait', { containerId: 'two', until: 'settled' })
    await bench.done
    expect(bench.log('two')).toBe('stdout F still\n')
  })

  test('lets the client clean up, and does it itself when that dies', async () => {
    const client = await bench.client()
    const attached = collect(client)
    const keeper = await bench.client()
    await keeper.call('start', { run: bench.run('keep', 'exec sleep 10') })
    await client.call('start', { run: bench.run('one', 'true'), attach: ALL, settle: 'client' })
    await attached.exit
    await client.call('settled', { containerId: 'one' })
    expect(bench.exits).toEqual([])
    await eventually(async () => (await keeper.call('status', {})).containers.length === 1)
    const second = collect(client)
    await client.call('start', { run: bench.run('two', 'true'), attach: ALL, settle: 'client' })
    await second.exit
    client.close()
    await eventually(() => bench.exits.length === 1)
    await keeper.call('stop', { containerId: 'keep', signal: 9, timeout: 1 })
  })

  test('closes the relay of a container that is down', async () => {
    const client = await bench.client()
    const port = { hostIp: '', hostPort: 1, containerPort: 1, range: 1, protocol: 'tcp' } as const
    await client.call('start', { run: bench.run('one', 'sleep 0.1') })
    await client.call('publish', { containerId: 'one', namespace: '/x', ports: [port], targets: ['1.2.3.4'] })
    await bench.done
    expect(bench.calls).toEqual(['relay 1', 'relay closed'])
  })
})

test('a log that passes its size is started anew', async () => {
  const client = await bench.client()
  const path = bench.logPath('one')
  const run = bench.run('one', 'sleep 0.1; seq 1000', { log: { driver: 'k8s-file', path, maxSize: 2000 } })
  await client.call('start', { run })
  await client.call('wait', { containerId: 'one', until: 'settled' })
  const log = readFileSync(path, 'latin1')
  expect(log.length).toBeLessThanOrEqual(2000)
  expect(log.endsWith('stdout F 1000\n')).toBe(true)
})

test('a full disk loses lines, not the container', async () => {
  const client = await bench.client()
  const run = bench.run('one', 'seq 1000; sleep 0.1; exit 2', {
    log: { driver: 'k8s-file', path: '/dev/full' },
  })
  await client.call('start', { run })
  const { exit } = await client.call('wait', { containerId: 'one', until: 'settled' })
  expect(exit.exitCode).toBe(2)
  expect(bench.reports).toEqual([expect.stringMatching(/^write a log: .*ENOSPC/)])
})
