import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { repository } from './harness/places'

const NAME = 'tspod-plugin-greet'
const plugin = join(repository, 'test/fixtures/plugin')

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-plugins-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function run(file: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const all = { ...process.env, NODE_ENV: undefined, NODE_EXTRA_CA_CERTS: undefined, ...env }
  const { status, stdout, stderr } = spawnSync(file, args, { encoding: 'utf8', env: all })
  return { status, stdout, stderr }
}

/** Runs tspod for a user who has linked the plugin. */
function withLinked(...args: string[]) {
  const list = { oclif: { plugins: [{ type: 'link', name: NAME, root: plugin }] } }
  mkdirSync(join(folder, 'tspod'), { recursive: true })
  writeFileSync(join(folder, 'tspod/package.json'), JSON.stringify(list))
  return run(join(repository, 'bin/tspod'), args, { XDG_DATA_HOME: folder })
}

describe('a linked plugin', () => {
  it('runs its commands, in its own topic and in one of ours', () => {
    expect(withLinked('greet', 'all', 'you')).toEqual({ status: 0, stdout: 'hello you\n', stderr: '' })
    expect(withLinked('greet', 'all', '-l', 'you').stdout).toBe('HELLO YOU\n')
    expect(withLinked('pod', 'greet', 'b', 'a').stdout).toBe('hello pod b a\n')
  })

  it('stands in the help', () => {
    expect(withLinked('--help').stdout).toMatch(/\n {2}greet {7}Say hello\n/)
    expect(withLinked('pod', '--help').stdout).toMatch(/\n {2}greet {7}Greet a pod\n/)
    expect(withLinked('greet', 'all', '--help').stdout).toBe(
      [
        'Greet somebody',
        '',
        'Description:',
        '  Greet somebody',
        '',
        'Usage:',
        '  tspod greet all [options] name',
        '',
        'Options:',
        '      --fail value   Fail with this code',
        '  -l, --loud         In capitals',
        '',
        '',
      ].join('\n'),
    )
  })

  it('fails in our words, with its own exit code if it has one', () => {
    expect(withLinked('greet', 'all')).toMatchObject({
      status: 125,
      stderr: "Error: missing 1 required arg:\nname  Whom\nSee 'tspod greet all --help'\n",
    })
    expect(withLinked('greet', 'all', 'you', '--nope')).toMatchObject({
      status: 125,
      stderr: "Error: nonexistent flag: --nope\nSee 'tspod greet all --help'\n",
    })
    expect(withLinked('greet', 'all', 'you', '--fail', '7')).toMatchObject({
      status: 7,
      stderr: 'Error: nobody listens\n',
    })
  })

  it('is nothing to what tspod has and to what nobody has', () => {
    expect(withLinked('version').stdout).toContain('tspod')
    expect(withLinked('no-such-command')).toMatchObject({
      status: 125,
      stderr:
        "Error: unrecognized command `tspod no-such-command`\nTry 'tspod --help' for more information\n",
    })
  })

  it('is not believed where others could have written its name', () => {
    withLinked('version')
    chmodSync(join(folder, 'tspod/package.json'), 0o666)
    const { status } = run(join(repository, 'bin/tspod'), ['greet', 'all', 'x'], { XDG_DATA_HOME: folder })
    expect(status).toBe(125)
  })
})

it('a plugin that package.json names is found', () => {
  for (const part of ['bin', 'dist']) cpSync(join(repository, part), join(folder, part), { recursive: true })
  const given = JSON.parse(readFileSync(join(repository, 'package.json'), 'utf8'))
  given.oclif.plugins.push(NAME)
  given.dependencies[NAME] = '1.0.0'
  writeFileSync(join(folder, 'package.json'), JSON.stringify(given))
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(plugin, join(folder, 'node_modules', NAME))
  const { stdout } = run(join(folder, 'bin/tspod'), ['greet', 'all', 'you'], { XDG_DATA_HOME: folder })
  expect(stdout).toBe('hello you\n')
})

/** Unmodified oclif from node_modules, over this package. */
function stock(script: string, ...args: string[]) {
  const start = `const oclif = require('@oclif/core'); process.argv.splice(1, 0, 'tspod'); ${script}`
  return run(process.execPath, ['-e', start, '--', ...args], { XDG_DATA_HOME: folder })
}

describe('stock oclif', () => {
  it('sees the commands that the build has found', () => {
    const { stdout, stderr } = stock(
      `oclif.Config.load(${JSON.stringify(repository)}).then(({ commands, topics }) => console.log(JSON.stringify({
        commands: commands.map(({ id, summary, hidden, aliases, flags }) => ({ id, summary, hidden, aliases, flags: Object.keys(flags) })),
        topics,
      })))`,
    )
    expect(stderr).toBe('')
    const seen: { commands: Seen[] } = JSON.parse(stdout)
    const { commands, aliases, hidden } = JSON.parse(readFileSync(join(repository, 'dist/fast.json'), 'utf8'))
    const expected = [...Object.keys(commands), ...Object.keys(aliases)].sort()
    expect(seen.commands.map(({ id }) => id.replaceAll(':', ' ')).sort()).toEqual(expected)
    for (const { id, summary, flags, ...rest } of seen.commands) {
      const name = id.replaceAll(':', ' ')
      expect(summary, id).toBe(commands[aliases[name] ?? name])
      if (name in commands) expect(Boolean(rest.hidden), id).toBe(hidden.includes(name))
      expect(flags, id).toContain('log-level')
    }
  })

  it('could tell each flag from one that is turned off', () => {
    const { stdout } = stock(
      `oclif.Config.load(${JSON.stringify(repository)}).then(({ commands }) => console.log(commands.flatMap(
        ({ id, flags }) => Object.values(flags).filter(({ name, allowNo }) => allowNo && 'no-' + name in flags)
          .map(({ name }) => id + ' --' + name)).join()))`,
    )
    expect(stdout).toBe('\n')
  })

  it('runs them, shows our help and ends with our codes', () => {
    const execute = `oclif.run(undefined, ${JSON.stringify(repository)}).catch(oclif.handle)`
    const own = (...args: string[]) => run(join(repository, 'bin/tspod'), args, { XDG_DATA_HOME: folder })
    for (const args of [['--help'], ['pod', '--help'], ['pod', 'stop', '--help'], ['ps', '--foo'], ['tag']]) {
      expect(stock(execute, ...args), args.join(' ')).toEqual(own(...args))
    }
    expect(stock(execute, 'version', '--format', '{{.Client.Version}}').stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

interface Seen {
  id: string
  summary?: string
  hidden?: boolean
  flags: string[]
}
