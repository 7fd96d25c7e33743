import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repository } from './harness/places'

/** A copy of the installed program, so that its code cache is this test's. */
let folder: string
let program: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-launcher-'))
  for (const part of ['bin', 'dist']) {
    const filter = (path: string) => !path.includes('/.cache')
    cpSync(join(repository, part), join(folder, part), { recursive: true, filter })
  }
  program = join(folder, 'bin/tspod')
})
afterEach(() => rmSync(folder, { recursive: true }))

const VERSION = /^tspod version \d+\.\d+\.\d+\n$/

function run(file: string, args: string[], options: { env?: NodeJS.ProcessEnv; cwd?: string } = {}) {
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...options.env }
  const { status, stdout, stderr } = spawnSync(file, args, { ...options, env, encoding: 'utf8' })
  return { status, stdout, stderr }
}

/** Runs the launcher inside a Node that tells something at its end. */
const runInNode = (prepare: string, args: string[], env: NodeJS.ProcessEnv = {}) =>
  run(
    process.execPath,
    [
      '-e',
      `${prepare}; process.argv.splice(1, 0, 'tspod'); require('${folder}/dist/launch.js').cli()`,
      '--',
      ...args,
    ],
    { env },
  )

describe('finding itself', () => {
  it('follows links, as npm makes them', () => {
    mkdirSync(join(folder, 'a/b'), { recursive: true })
    symlinkSync('../../bin/tspod', join(folder, 'a/b/first'))
    symlinkSync(join(folder, 'a/b/first'), join(folder, 'second'))
    expect(run(join(folder, 'second'), ['-v']).stdout).toMatch(VERSION)
    expect(run('./b/first', ['-v'], { cwd: join(folder, 'a') }).stdout).toMatch(VERSION)
    const PATH = `${folder}:${process.env.PATH}`
    expect(run('/bin/sh', ['-c', 'second -v'], { env: { PATH } }).stdout).toMatch(VERSION)
  })

  it('says in one line that there is no Node, or that it is too old', () => {
    expect(run(program, ['-v'], { env: { PATH: '/nonexistent' } })).toMatchObject({
      status: 125,
      stderr: 'Error: tspod needs Node.js 20.19 or later: no `node` in PATH\n',
    })
    const old = `Object.defineProperty(process.versions, 'node', { value: '18.20.4' })`
    expect(runInNode(old, ['-v'])).toMatchObject({
      status: 125,
      stdout: '',
      stderr: `Error: tspod needs Node.js 20.19 or later; ${process.execPath} is 18.20.4\n`,
    })
  })
})

describe('starting fast', () => {
  it('keeps NODE_EXTRA_CA_CERTS from Node, and gives it back', () => {
    const env = { NODE_EXTRA_CA_CERTS: '/nonexistent.pem' }
    expect(run(program, ['-v'], { env })).toMatchObject({ status: 0, stderr: '' })
    const tell = `process.on('exit', () => require('fs').writeSync(2, process.env.NODE_EXTRA_CA_CERTS))`
    expect(runInNode(tell, ['-v'], { TSPOD_NODE_EXTRA_CA_CERTS: '/x.pem' }).stderr).toBe('/x.pem')
  })

  it('loads none of the slow parts of Node', () => {
    const tell = `const before = new Set(process.moduleLoadList); process.on('exit', () => require('fs').writeSync(2,
      process.moduleLoadList.filter((name) => !before.has(name)).join()))`
    const loaded = runInNode(tell, ['version']).stderr
    expect(loaded).toContain('vm')
    expect(loaded).not.toMatch(/NativeModule (net|stream|readline|crypto|child_process|worker_threads)\b/)
  })
})

describe('the code cache', () => {
  const cacheFile = (): string => {
    const cache = join(folder, 'dist/.cache')
    const [build = ''] = readdirSync(cache)
    const [file = ''] = readdirSync(join(cache, build))
    return join(cache, build, file)
  }
  const works = () => expect(run(program, ['-v'])).toMatchObject({ status: 0, stderr: '' })

  it('is kept after the first run, with compiled code after the second, and left alone by the third', () => {
    works()
    const first = readFileSync(cacheFile())
    works()
    const second = readFileSync(cacheFile())
    expect(second.length).toBeGreaterThan(first.length)
    works()
    expect(readFileSync(cacheFile()).equals(second)).toBe(true)
  })

  it('learns what a run needs beyond those before it', () => {
    const info = (...options: string[]) => run(program, ['version', ...options])
    for (let runs = 0; runs < 2; runs++) info()
    const plain = info().stdout
    const asked = info('--format', '{{.Client.Version}}')
    expect(asked).toMatchObject({ status: 0, stderr: '' })
    expect(asked.stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
    for (let runs = 0; runs < 3; runs++) {
      expect(info('--format', '{{.Client.Version}}').stdout).toBe(asked.stdout)
      expect(info().stdout).toBe(plain)
    }
  })

  it('is needed for no more of oclif than what parses and runs a command', () => {
    expect(run(program, ['version'])).toMatchObject({ status: 0, stderr: '' })
    const cache = join(folder, 'dist/.cache')
    const [build = ''] = readdirSync(cache)
    expect(readdirSync(join(cache, build))).toEqual(['version-cli.bin'])
  })

  it('is made anew if it is damaged anywhere', () => {
    works()
    works()
    const file = cacheFile()
    const good = readFileSync(file)
    for (const at of [0, 20, 40, 1000, good.length / 2 + 100, good.length - 1]) {
      const bad = Buffer.from(good)
      bad.writeUInt8(bad.readUInt8(Math.floor(at)) ^ 0xff, Math.floor(at))
      writeFileSync(file, bad)
      works()
      expect(readFileSync(file).equals(bad), `byte ${at}`).toBe(false)
    }
    writeFileSync(file, good.subarray(0, 5000))
    works()
    expect(readFileSync(file).length).toBeGreaterThan(5000)
  })

  it('is not read from a folder that others can write to', () => {
    works()
    const file = cacheFile()
    const wrong = Buffer.from(readFileSync(file).subarray(0, 100))
    writeFileSync(file, wrong)
    chmodSync(dirname(file), 0o777)
    works()
    expect(readFileSync(file).equals(wrong)).toBe(true)
  })

  it('is not needed', () => {
    writeFileSync(join(folder, 'dist/.cache'), 'a file in its place')
    works()
  })
})

describe('ending', () => {
  it('exits with 125 after a mistake, and prints it to stderr alone', () => {
    expect(run(program, ['no-such-command'])).toMatchObject({
      status: 125,
      stdout: '',
      stderr:
        "Error: unrecognized command `tspod no-such-command`\nTry 'tspod --help' for more information\n",
    })
  })

  it('prints help and fails when no command is given', () => {
    const { status, stdout, stderr } = run(program, [])
    expect({ status, stderr }).toEqual({ status: 125, stderr: "Error: missing command 'tspod COMMAND'\n" })
    expect(stdout).toContain('Available Commands:')
  })

  it('ends as SIGPIPE would end it when nobody reads', () => {
    const script = '{ sleep 0.2; "$0" --help; echo "code $?" >&2; } | :'
    expect(run('/bin/sh', ['-c', script, program]).stderr).toBe('code 141\n')
  })

  it('writes everything to a slow reader', () => {
    const { stdout } = run('/bin/sh', ['-c', '"$0" --help | { sleep 0.3; cat; }', program])
    expect(stdout).toBe(run(program, ['--help']).stdout)
  })
})
