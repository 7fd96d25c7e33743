import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it } from 'vitest'
import { BINARY, type CommandOptions } from './harness/command'
import { findProgram } from './harness/rootfs'
import { IMAGE, useStore } from './harness/store'
import { eventually, sleep } from './harness/wait'

const store = useStore()

/** Where this file's spare processes wait. */
let folder: string
let env: NodeJS.ProcessEnv

beforeAll(async () => {
  folder = mkdtempSync(join(inject('folder'), 'spare-'))
  // what this process was given by the test runner: no launcher hands over to one that reads it
  env = { ...process.env, TSPOD_SPARE: folder, NODE_OPTIONS: undefined, NODE_V8_COVERAGE: undefined }
  await store.run(['run', '-d', '--name', 'named', IMAGE, 'sleep', '1000'], { env })
})
afterAll(async () => {
  await store.run(['rm', '--force', '--all', '--time', '0'], { env })
  rmSync(folder, { recursive: true, force: true })
})

const orEmpty = (read: () => string): string => {
  try {
    return read()
  } catch {
    return ''
  }
}

const spares = (): number[] =>
  readdirSync('/proc')
    .filter((pid) => orEmpty(() => readFileSync(`/proc/${pid}/comm`, 'latin1')) === 'tspod-spare\n')
    .filter((pid) => orEmpty(() => readlinkSync(`/proc/${pid}/fd/3`)) === `${folder}/lock`)
    .map(Number)

/** The process that waits for a command. */
const waiting = (): Promise<number> =>
  eventually(() => (existsSync(join(folder, 'socket')) ? spares()[0] : undefined))

/** Makes sure that a spare process waits. */
const makeSpare = async (name = 'named'): Promise<number> => {
  if (spares().length === 0) await store.run(['exec', name, 'true'], { env })
  return waiting()
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}/exe`)

/** Runs a command, and tells whether the process that waited for one took it. */
async function run(args: string[], options: CommandOptions = {}) {
  const spare = await makeSpare()
  const outcome = await store.run(args, { env, ...options })
  const taken = await Promise.race([
    eventually(() => !isAlive(spare), 3).catch(() => false),
    // one that has refused waits on
    sleep(400).then(() => !isAlive(spare)),
  ])
  return { ...outcome, taken }
}

/** Arguments of a shell for a script in which `tspod` is a command of this store. */
const shellArgs = (script: string): string[] => [
  '-c',
  script.replaceAll('tspod', [BINARY, ...store.options].join(' ')),
]

async function runShell(script: string) {
  const spare = await makeSpare()
  const { status, stdout, stderr } = spawnSync('/bin/sh', shellArgs(script), { env, encoding: 'utf8' })
  await sleep(100)
  return { status, stdout, stderr, taken: !isAlive(spare) }
}

/** Starts a command that lasts, by the process that waits. */
async function begin(
  ...args: string[]
): Promise<{ launcher: ChildProcess; spare: number; output: () => string }> {
  const spare = await makeSpare()
  const launcher = spawn(BINARY, [...store.options, ...args], { env, stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  launcher.stdout?.on('data', (bytes) => {
    output += bytes
  })
  await eventually(() => readlinkSync(`/proc/${launcher.pid}/exe`) === join(folder, 'tspod'))
  return { launcher, spare, output: () => output }
}

describe('a command that a spare process takes', () => {
  it('has its arguments, streams and exit code', async () => {
    const script = 'cat; echo "$1" >&2; exit 7'
    const words = ['exec', '-i', 'named', 'sh', '-c', script, 'sh', 'two words\nand ünïcode']
    expect(await run(words, { input: 'from stdin' })).toEqual({
      exitCode: 7,
      stdout: 'from stdin',
      stderr: 'two words\nand ünïcode',
      taken: true,
    })
  })

  it('has its folder and environment', async () => {
    const here = join(store.folder, 'here')
    mkdirSync(here, { recursive: true })
    const given = { ...env, GIVEN: 'by the launcher', TSPOD_GONE: undefined }
    writeFileSync(join(here, 'vars'), 'FILED=yes\n')
    const script = 'echo $GIVEN, $FILED'
    const line = ['run', '--rm', '--env', 'GIVEN', '--env-file', 'vars', IMAGE, 'sh', '-c', script]
    const outcome = await run(line, { env: given, cwd: here })
    expect(outcome).toMatchObject({ stdout: 'by the launcher, yes', exitCode: 0, taken: true })
  })

  it('knows nothing of how it was started', async () => {
    const line = ['run', '--rm', '--env-host', IMAGE, 'env']
    const { stdout, taken } = await run(line)
    expect(taken).toBe(true)
    expect(stdout).not.toMatch(/TSPOD_(?:COLD|WAITS)/)
  })

  it('fails as it would by itself', async () => {
    const cold = await store.run(['inspect', 'nobody'], { env: { ...env, TSPOD_SPARE: '' } })
    expect(await run(['inspect', 'nobody'])).toEqual({ ...cold, taken: true })
    expect(cold.exitCode).toBe(125)
  })

  it('is sent the signals of the launcher', async () => {
    const script = 'trap "echo heard; exit 9" TERM; echo ready; while :; do sleep 0.05; done'
    const { launcher, output } = await begin('run', '--rm', IMAGE, 'sh', '-c', script)
    await eventually(() => output().includes('ready'))
    launcher.kill('SIGTERM')
    expect(await once(launcher, 'exit')).toEqual([9, null])
    expect(output()).toBe('ready\nheard\n')
  })

  it('ends its launcher by the signal that ended it', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      const { launcher, spare } = await begin('wait', 'named')
      launcher.kill(signal)
      expect(await once(launcher, 'exit')).toEqual([null, signal])
      await eventually(() => !isAlive(spare))
    }
  })

  it('is killed with its launcher', async () => {
    const { launcher, spare } = await begin('wait', 'named')
    launcher.kill('SIGKILL')
    await eventually(() => !isAlive(spare))
  })

  it('kills its launcher when it is killed', async () => {
    const { launcher, spare } = await begin('wait', 'named')
    process.kill(spare, 'SIGKILL')
    expect(await once(launcher, 'exit')).toEqual([null, 'SIGKILL'])
  })

  it('may have been started with fewer open files, as Node always takes as many as it can', async () => {
    const outcome = await runShell('ulimit -Sn 512; tspod ps --format {{.Names}}')
    expect(outcome).toEqual({ status: 0, stdout: 'named\n', stderr: '', taken: true })
  })

  it('lets whoever reads its output see the end of it', async () => {
    expect(await runShell('tspod exec named echo one | cat; echo two')).toMatchObject({
      stdout: 'one\ntwo\n',
      taken: true,
    })
    expect(await runShell('tspod exec named sh -c "while :; do echo y; done" | head -n 1')).toEqual({
      status: 0,
      stdout: 'y\n',
      stderr: '',
      taken: true,
    })
  })
})

describe('a command that a spare process refuses', () => {
  const refused: Record<string, string> = {
    'in another network namespace': 'unshare --net tspod ps --format {{.Names}}',
    'with another umask': 'umask 077; tspod ps --format {{.Names}}',
    'with other limits': 'ulimit -s 1000; tspod ps --format {{.Names}}',
    'of another priority': 'nice -n 3 tspod ps --format {{.Names}}',
    'with another path to Node': 'PATH=$PATH:/nowhere tspod ps --format {{.Names}}',
    'in another language': 'LC_ALL=C.utf8 tspod ps --format {{.Names}}',
    'with fewer capabilities': 'setpriv --bounding-set -net_raw tspod ps --format {{.Names}}',
    'that may name a descriptor': 'tspod exec --env A=/dev/fd/5 named echo named',
    'that was handed sockets': 'LISTEN_FDS=1 tspod ps --format {{.Names}}',
    'without an input': 'tspod ps --format {{.Names}} <&-',
  }
  for (const [what, script] of Object.entries(refused)) {
    it(`runs by itself ${what}`, async () => {
      expect(await runShell(script)).toEqual({ status: 0, stdout: 'named\n', stderr: '', taken: false })
    })
  }

  it('runs by itself on a terminal where it would stay on it', async () => {
    const spare = await makeSpare()
    const line = `${BINARY} ${store.options.join(' ')} exec -t named tty`
    const { stdout } = spawnSync(findProgram('script')!, ['-qec', line, '/dev/null'], {
      env,
      encoding: 'utf8',
    })
    expect(stdout).toContain('/dev/pts/')
    expect(isAlive(spare)).toBe(true)
  })

  it('runs by itself after the program has changed, and the spare process goes', async () => {
    const spare = await makeSpare()
    const { atime, mtime } = statSync(BINARY)
    try {
      utimesSync(BINARY, atime, new Date(mtime.getTime() - 1000))
      expect((await store.run(['ps', '-q'], { env })).exitCode).toBe(0)
      await eventually(() => !isAlive(spare))
    } finally {
      utimesSync(BINARY, atime, mtime)
    }
  })
})

describe('without a spare process', () => {
  beforeEach(async () => {
    const spare = await makeSpare()
    process.kill(spare, 'SIGKILL')
    await eventually(() => spares().length === 0)
  })

  it('a command runs by itself, and leaves one in the place of a killed one', async () => {
    expect(existsSync(join(folder, 'socket'))).toBe(true)
    const args = ['exec', 'named', 'sh', '-c', 'echo "$1"; exit 3', 'sh', 'a  b']
    expect(await store.run(args, { env })).toEqual({ exitCode: 3, stdout: 'a  b', stderr: '' })
    await waiting()
  })

  it('many commands at once work, and leave one', async () => {
    const runs = Array.from({ length: 6 }, (_, n) => store.run(['exec', 'named', 'echo', String(n)], { env }))
    expect((await Promise.all(runs)).map(({ stdout }) => stdout)).toEqual(['0', '1', '2', '3', '4', '5'])
    await waiting()
    await sleep(300)
    expect(spares()).toHaveLength(1)
  })

  it('none is left where it may not be, or in namespaces that it would hold', async () => {
    const none = async () => {
      await sleep(300)
      return spares()
    }
    await store.run(['exec', 'named', 'true'], { env: { ...env, TSPOD_SPARE: '' } })
    expect(await none()).toEqual([])
    const apart = shellArgs('unshare --mount tspod exec named true')
    expect(spawnSync('/bin/sh', apart, { env }).status).toBe(0)
    expect(await none()).toEqual([])
    chmodSync(folder, 0o755)
    await store.run(['exec', 'named', 'true'], { env })
    expect(await none()).toEqual([])
    chmodSync(folder, 0o700)
  })
})

describe('a spare process', () => {
  it('holds no folder and no stream of whoever left it', async () => {
    const spare = await makeSpare()
    expect(readlinkSync(`/proc/${spare}/cwd`)).toBe('/')
    for (const fd of [0, 1, 2]) expect(readlinkSync(`/proc/${spare}/fd/${fd}`)).toBe('/dev/null')
  })

  it('waits for ten seconds', async () => {
    const spare = await makeSpare()
    await sleep(8000)
    expect(isAlive(spare)).toBe(true)
    await eventually(() => !isAlive(spare), 5)
    expect(existsSync(join(folder, 'socket'))).toBe(false)
  }, 20_000)

  it('ends with the command that removes the last container, whoever runs that', async () => {
    for (const own of ['', folder]) {
      await store.run(['run', '-d', '--name', 'last', IMAGE, 'sleep', '1000'], { env })
      await store.run(['rm', '-f', '-t', '0', 'named'], { env })
      await makeSpare('last')
      // the first one comes from elsewhere: it is not taken, but ends the one that waits
      const script = own ? 'tspod rm -f -t 0 last' : 'umask 077; tspod rm -f -t 0 last'
      expect(spawnSync('/bin/sh', shellArgs(script), { env }).status).toBe(0)
      expect(spares()).toEqual([])
      expect(existsSync(join(folder, 'socket'))).toBe(false)
    }
  })
})
