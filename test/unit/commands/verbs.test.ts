import { describe, expect, it, vi } from 'vitest'
import Attach from '../../../commands/attach'
import ContainerExists from '../../../commands/container/exists'
import Exec from '../../../commands/exec'
import Kill from '../../../commands/kill'
import PodRm from '../../../commands/pod/rm'
import PodStart from '../../../commands/pod/start'
import PodStop from '../../../commands/pod/stop'
import Port from '../../../commands/port'
import Restart from '../../../commands/restart'
import Rm from '../../../commands/rm'
import Run from '../../../commands/run'
import Start from '../../../commands/start'
import Stop from '../../../commands/stop'
import Top from '../../../commands/top'
import Wait from '../../../commands/wait'
import { ManyErrors, TspodError } from '../../../src/errors'
import { runCommand } from './run-command'

const done = (...names: string[]) => names.map((rawInput) => ({ id: `id-of-${rawInput}`, rawInput }))
const missing = (name: string) =>
  new TspodError('not-found', `no container with name or ID "${name}" found: no such container`)
const fine = { results: [], errors: [] }

describe('a verb over several containers', () => {
  it('prints what was done before it fails with what was not', async () => {
    const stop = vi.fn(async () => ({ results: done('a', 'c'), errors: [missing('b'), missing('d')] }))
    const ran = await runCommand(Stop, ['-t', '3', 'a', '/b', 'c', 'd'], { containers: { stop } })
    expect(ran.stdout).toBe('a\nc\n')
    expect(ran.error).toBeInstanceOf(ManyErrors)
    expect(ran.error?.errors).toHaveLength(2)
    expect(stop).toHaveBeenCalledWith(['a', 'b', 'c', 'd'], expect.objectContaining({ time: 3 }))
  })

  it('leaves the time to the containers, and takes a negative one for ever', async () => {
    const stop = vi.fn(async () => fine)
    await runCommand(Stop, ['-a'], { containers: { stop } })
    expect(stop).toHaveBeenLastCalledWith([], expect.objectContaining({ all: true, time: undefined }))
    await runCommand(Stop, ['-t', '-1', 'a'], { containers: { stop } })
    expect(stop).toHaveBeenLastCalledWith(['a'], expect.objectContaining({ time: 2_000_000 }))
  })

  it.each([
    [Stop, [], 'you must provide at least one name or id'],
    [Stop, ['-a', 'x'], 'no arguments are needed with --all'],
    [Stop, ['--filter', 'a=b', 'x'], '--filter takes no arguments'],
    [Stop, ['-a', '--cidfile', 'f'], '--all, --latest, and --cidfile cannot be used together'],
    [Kill, ['-l', 'x'], '--latest and containers cannot be used together'],
    [PodStop, ['--pod-id-file', 'f', '-l'], '--all, --latest, and --pod-id-file cannot be used together'],
    [Rm, ['-t', '1', 'x'], '--force option must be specified to use the --time option'],
    [Start, [], 'start requires at least one argument'],
    [Start, ['-a', 'x', 'y'], 'you cannot start and attach multiple containers at once'],
    [Start, ['--sig-proxy', 'x'], 'you cannot use sig-proxy without --attach: invalid argument'],
    [Exec, [], 'exec requires the name or ID of a container or the --latest or --cidfile flag'],
    [Top, [], 'you must provide the name or id of a running container'],
    [Port, [], 'you must supply a running container name or id'],
    [Port, ['x', '80/tcp/x'], "port formats are port/protocol. '80/tcp/x' is invalid"],
    [Wait, ['-i', 'soon', 'x'], 'time: invalid duration "soon"'],
    [Run, ['-a', 'x', 'img'], 'invalid stream "x" for --attach - must be one of stdin, stdout, or stderr'],
  ])('%o %o: %s', async (Command, argv, message) => {
    const { error } = await runCommand(Command as never, argv)
    expect(error?.message).toContain(message)
  })

  it('lets --running stand without names', async () => {
    const restart = vi.fn(async () => fine)
    await runCommand(Restart, ['--running'], { containers: { restart } })
    expect(restart).toHaveBeenCalledWith([], expect.objectContaining({ running: true }))
  })
})

describe('rm', () => {
  const running = new TspodError('state', 'cannot remove container c as it is running')
  it.each([
    [[missing('x'), running], 1],
    [[running], 2],
    [[new TspodError('system', 'no space left on device')], undefined],
  ])('ends with what went wrong: %o', async (errors, exitCode) => {
    const ran = await runCommand(Rm, ['x'], { containers: { remove: async () => ({ results: [], errors }) } })
    expect(ran.exitCode).toBe(exitCode)
    expect(ran.error).toBeInstanceOf(TspodError)
  })

  it('passes over what is not there with --force, and takes dependents along with --all', async () => {
    const remove = vi.fn(async () => fine)
    await runCommand(Rm, ['-f', 'x'], { containers: { remove } })
    expect(remove).toHaveBeenLastCalledWith(['x'], expect.objectContaining({ ignore: true, depend: false }))
    await runCommand(Rm, ['-a'], { containers: { remove } })
    expect(remove).toHaveBeenLastCalledWith([], expect.objectContaining({ ignore: false, depend: true }))
  })
})

describe('pods', () => {
  it('are printed as typed by start, by their ids by rm', async () => {
    const outcome = async () => ({ results: done('web'), errors: [] })
    expect((await runCommand(PodStart, ['web'], { pods: { start: outcome } })).stdout).toBe('web\n')
    expect((await runCommand(PodRm, ['web'], { pods: { remove: outcome } })).stdout).toBe('id-of-web\n')
  })
})

describe('what the container decides', () => {
  const end = { id: 'c'.repeat(64), exitCode: 42, detached: false }

  it("ends run, exec and start --attach with the container's code", async () => {
    const containers = {
      run: async () => end,
      exec: async () => end,
      start: async () => ({ results: [{ ...done('x')[0]!, exitCode: 42 }], errors: [] }),
    }
    const codes = await Promise.all([
      runCommand(Run, ['img'], { containers }),
      runCommand(Exec, ['x', 'false'], { containers }),
      runCommand(Start, ['-a', 'x'], { containers }),
    ])
    expect(codes.map(({ error }) => error?.exitCode)).toEqual([42, 42, 42])
    expect(codes.map(({ stdout }) => stdout)).toEqual(['', '', ''])
  })

  it('ends attach with a line of its own, and as a success', async () => {
    const ran = await runCommand(Attach, ['x'], { containers: { attach: async () => end } })
    expect([ran.stdout, ran.error]).toEqual(['\n', undefined])
  })

  it('attaches to what was asked for', async () => {
    const run = vi.fn(async (_: object) => end)
    const streams = (...argv: string[]) =>
      runCommand(Run, [...argv, 'img'], { containers: { run } }).then(
        () => (run.mock.lastCall?.[0] as { streams?: object } | undefined)?.streams,
      )
    const rest = { detachKeys: 'ctrl-p,ctrl-q', sigProxy: true }
    expect(await streams()).toEqual({ stdout: 1, stderr: 2, ...rest })
    expect(await streams('-i')).toEqual({ stdin: 0, stdout: 1, stderr: 2, ...rest })
    expect(await streams('-a', 'stderr')).toEqual({ stderr: 2, ...rest })
    expect(await streams('-i', '-a', 'STDOUT', '--sig-proxy=false')).toEqual({
      stdin: 0,
      stdout: 1,
      detachKeys: 'ctrl-p,ctrl-q',
      sigProxy: false,
    })
    expect(await streams('-d')).toBeUndefined()
  })

  it('prints the id where no output is attached', async () => {
    const run = async ({ onCreated }: { onCreated?: (id: string) => void }) => {
      onCreated?.('made')
      return end
    }
    const printed = async (...argv: string[]) =>
      (await runCommand(Run, [...argv, 'img'], { containers: { run } })).stdout
    expect(await printed('-a', 'stdin')).toBe('made\n')
    expect(await printed('-a', 'stderr')).toBe('')
    expect(await printed('-d')).toBe(`${end.id}\n`)
  })

  it('prints the id where nobody waits', async () => {
    const { stdout, error } = await runCommand(Run, ['-d', 'img'], { containers: { run: async () => end } })
    expect([stdout, error]).toEqual([`${end.id}\n`, undefined])
    const exec = await runCommand(Exec, ['-d', 'x', 'true'], { containers: { exec: async () => end } })
    expect(exec.stdout).toBe(`${end.id}\n`)
  })

  it('hands the environment of files and of the line to exec', async () => {
    const exec = vi.fn(async (..._: unknown[]) => end)
    await runCommand(Exec, ['-e', 'A=1', '-u', 'bin', 'x', 'env', '-i'], { containers: { exec } })
    expect(exec).toHaveBeenCalledWith('x', expect.objectContaining({ command: ['env', '-i'], env: ['A=1'] }))
    await runCommand(Exec, ['-l', 'env'], { containers: { exec } })
    expect(exec).toHaveBeenCalledWith(undefined, expect.objectContaining({ command: ['env'], latest: true }))
  })

  it('prints the codes of wait, then its errors', async () => {
    const results = [
      { id: 'a', exitCode: 0 },
      { id: 'b', exitCode: 3 },
    ]
    const wait = vi.fn(async () => ({ results, errors: [missing('c')] }))
    const ran = await runCommand(Wait, ['-i', '5', 'a', 'b', 'c'], { containers: { wait } })
    expect(ran.stdout).toBe('0\n3\n')
    expect(ran.error?.message).toContain('no such container')
    expect(wait).toHaveBeenCalledWith(['a', 'b', 'c'], expect.objectContaining({ interval: 5 }))
  })
})

describe('exists', () => {
  it('answers by its exit code alone', async () => {
    const exists = async (name: string) => name === 'there'
    const codes = ['there', 'gone'].map(async (name) => {
      const { error, stdout } = await runCommand(ContainerExists, [name], { containers: { exists } })
      return [error?.exitCode, stdout]
    })
    expect(await Promise.all(codes)).toEqual([
      [undefined, ''],
      [1, ''],
    ])
  })
})

describe('port', () => {
  const ports = [
    { host_ip: '', container_port: 80, host_port: 8080, range: 2, protocol: 'tcp' },
    { host_ip: '127.0.0.1', container_port: 53, host_port: 5353, range: 1, protocol: 'udp' },
  ]
  const containers = { port: async () => [{ id: 'f'.repeat(64), name: 'web', ports }] }
  it.each([
    [['web'], '80/tcp -> 0.0.0.0:8080\n81/tcp -> 0.0.0.0:8081\n53/udp -> 127.0.0.1:5353\n'],
    [['web', '81'], '0.0.0.0:8081\n'],
    [['web', '53/udp'], '127.0.0.1:5353\n'],
    [
      ['-a'],
      'ffffffffffff\t80/tcp -> 0.0.0.0:8080\nffffffffffff\t81/tcp -> 0.0.0.0:8081\nffffffffffff\t53/udp -> 127.0.0.1:5353\n',
    ],
  ])('%o', async (argv, stdout) => {
    expect((await runCommand(Port, argv, { containers })).stdout).toBe(stdout)
  })

  it('says that a port is not forwarded', async () => {
    const { error } = await runCommand(Port, ['web', '53'], { containers })
    expect(error?.message).toBe('failed to find published port "53"')
  })
})
