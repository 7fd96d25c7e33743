import { beforeAll, describe, expect, test } from 'vitest'
import { PODMAN } from './harness/command'
import { needPrograms } from './harness/need'
import { IMAGE, useStore } from './harness/store'
import { Terminal } from './harness/terminal'
import { eventually } from './harness/wait'

const store = useStore()
const DETACH = ['\u0010', '\u0011']

beforeAll(async () => {
  await store.ok('run', '--detach', '--name', 'stands', IMAGE, 'sleep', '1000')
})

describe.each([
  ['run', ['run', '--rm', '-it', IMAGE]],
  ['exec', ['exec', '-it', 'stands']],
])('%s -it', (_verb, command) => {
  const open = (...args: string[]) => new Terminal(store, [...command, ...args])

  test('gives the command a terminal', async () => {
    const terminal = open('sh', '-c', 'tty; test -t 0 && test -t 1 && test -t 2 && echo all')
    await terminal.shows(/\/dev\/(pts\/\d+|console)\r\n/)
    await terminal.shows(/all\r\n/)
    expect(await terminal.ends()).toBe(0)
  })

  test('of the size of the one it runs on', async () => {
    const terminal = new Terminal(store, [...command, 'stty', 'size'], { columns: 101, rows: 37 })
    await terminal.shows(/37 101\r\n/)
  })

  test('follows a resize', async () => {
    const terminal = open('sh', '-c', 'trap "stty size" WINCH; echo ready; while :; do sleep 0.1; done')
    await terminal.shows(/ready/)
    terminal.resize(120, 40)
    await terminal.shows(/40 120/)
    terminal.type('\u0003')
    await terminal.ends()
  })

  test('passes what is typed, and echoes it once', async () => {
    const terminal = open('sh', '-c', 'read -r line; echo "got <$line>"')
    await new Promise((resolve) => setTimeout(resolve, 500))
    terminal.type('hello\r')
    await terminal.shows(/got <hello>/)
    expect(terminal.screen.match(/hello/g)).toHaveLength(2)
    expect(await terminal.ends()).toBe(0)
  })

  test('ctrl-C reaches the command, not tspod', async () => {
    const terminal = open(
      'sh',
      '-c',
      'trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.1; done',
    )
    await terminal.shows(/ready/)
    terminal.type('\u0003')
    await terminal.shows(/caught/)
    expect(await terminal.ends()).toBe(7)
  })

  test('ctrl-D ends a shell', async () => {
    const terminal = open('sh')
    await terminal.shows(/[#$] /)
    terminal.type('\u0004')
    expect(await terminal.ends()).toBe(0)
  })

  test('keeps colours and wide characters', async () => {
    const terminal = open('printf', '\\033[31mrød 漢字\\033[0m\\n')
    await terminal.shows(/\u001b\[31mrød 漢字\u001b\[0m/)
  })

  test('has TERM set', async () => {
    const terminal = open('sh', '-c', 'echo "TERM is $TERM"')
    await terminal.shows(/TERM is xterm/)
  })
})

describe('the detach keys', () => {
  test('leave a container running, and attach comes back to it', async () => {
    const terminal = new Terminal(store, ['run', '-it', '--name', 'left', IMAGE, 'sh'])
    await terminal.shows(/[#$] /)
    terminal.type('kept=here\r')
    await terminal.press(...DETACH)
    expect(await terminal.ends()).toBe(0)
    expect(await store.inspect('left', '{{.State.Running}}')).toBe('true')

    const again = new Terminal(store, ['attach', 'left'])
    await new Promise((resolve) => setTimeout(resolve, 500))
    again.type('echo "<$kept>"\r')
    await again.shows(/<here>/)
    again.type('exit 4\r')
    await again.ends()
    expect(await store.inspect('left', '{{.State.Status}} {{.State.ExitCode}}')).toBe('exited 4')
  })

  test('can be others', async () => {
    const terminal = new Terminal(store, [
      'run',
      '-it',
      '--detach-keys',
      'ctrl-a,x',
      '--name',
      'other',
      IMAGE,
      'sh',
    ])
    await terminal.shows(/[#$] /)
    await terminal.press(...DETACH)
    // ctrl-U clears what ctrl-P put into the line
    terminal.type('\u0015echo still "her""e"\r')
    await terminal.shows(/still here/)
    await terminal.press('\u0001', 'x')
    expect(await terminal.ends()).toBe(0)
    expect(await store.inspect('other', '{{.State.Running}}')).toBe('true')
  })

  test('leave an exec session running', async () => {
    const terminal = new Terminal(store, ['exec', '-it', 'stands', 'sh', '-c', 'echo up; sleep 555'])
    await terminal.shows(/up/)
    await terminal.press(...DETACH)
    await terminal.ends()
    const commands = await store.ok('exec', 'stands', 'sh', '-c', 'cat /proc/[0-9]*/cmdline | tr "\\0" " "')
    expect(commands).toContain('sleep 555')
  })
})

test('the terminal is as before when the command has ended', async () => {
  const words = ['run', '--rm', '-it', IMAGE, 'true']
  const binary = (await import('./harness/command')).BINARY
  const { spawn } = await import('@lydell/node-pty')
  const line = [binary, ...store.options, ...words].join(' ')
  const pty = spawn('sh', ['-c', `stty -g; ${line}; stty -g`], { cols: 80, rows: 24 })
  let screen = ''
  pty.onData((data) => {
    screen += data
  })
  const settings = await eventually(() => {
    const found = screen.match(/^[0-9a-f:]{40,}/gm)
    return found?.length === 2 ? found : undefined
  })
  expect(settings[1]).toBe(settings[0])
})

test('-t without a terminal on stdin still gives the command one', async () => {
  const { stdout } = await store.run(['run', '--rm', '-t', IMAGE, 'sh', '-c', 'test -t 1 && echo yes'])
  expect(stdout).toMatch(/^yes\r?$/)
})

test('-it of a pod with a shared PID namespace shows all of it', async (context) => {
  needPrograms(context, 'ps')
  await store.ok('pod', 'create', '--name', 'pidshared', '--share', 'pid')
  await store.ok('run', '--detach', '--pod', 'pidshared', IMAGE, 'sleep', '777')
  const terminal = new Terminal(store, ['run', '-it', '--rm', '--pod', 'pidshared', IMAGE, '/bin/sh'])
  await terminal.shows(/[#$] /)
  terminal.type('ps -ef; exit\r')
  await terminal.shows(PODMAN ? /1 +0 .*catatonit/ : /1 +0 .*\/pause/)
  await terminal.shows(/\d+ +0 .*sleep 777/)
  await terminal.shows(/\d+ +0 .*\/bin\/sh/)
  expect(await terminal.ends()).toBe(0)
})
