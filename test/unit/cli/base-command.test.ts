import type { Config } from '@oclif/core'
import { describe, expect, it } from 'vitest'
import { BaseCommand, exactArgs, flag } from '../../../src/cli/base-command'
import { makeConfig } from '../../../src/cli/launch/config'
import { CommandExit } from '../../../src/cli/report-error'

class Probe extends BaseCommand {
  static override summary = 'Probe'
  static override arity = exactArgs(1)
  static override flags = {
    all: flag.bool('All', { char: 'a' }),
    time: flag.uint('Seconds', { char: 't', default: 10 }),
    name: flag.string('Name'),
    label: flag.stringArray('Labels', { char: 'l' }),
  }

  async run(): Promise<void> {}

  look() {
    return this.parse(Probe)
  }
}

class Starter extends BaseCommand {
  static override stopAtFirstArgument = true
  static override flags = { rm: flag.bool('Remove') }

  async run(): Promise<void> {}

  look() {
    return this.parse(Starter)
  }
}

const config: Config = makeConfig({ version: '1.2.3', build: 'x', commands: {}, aliases: {}, hidden: [] })

function probe(argv: string[], id = 'pod stop'): Probe {
  const command = new Probe(argv, config)
  command.id = id
  return command
}

describe('parse', () => {
  it('gives flags with their defaults, and the words in order', async () => {
    const { flags, argv, changed } = await probe(['b', '-l', 'x=1', '-a']).look()
    expect(flags).toEqual({ all: true, time: 10, label: ['x=1'] })
    expect(argv).toEqual(['b'])
    expect([...changed]).toEqual(['label', 'all'])
  })

  it('takes the global flags at any place', async () => {
    const command = probe([
      '--root',
      '/r',
      'b',
      '--runroot=/rr',
      '--log-level',
      'DEBUG',
      '--cgroup-manager=cgroupfs',
    ])
    await command.look()
    expect(command.globals).toEqual({
      root: '/r',
      runroot: '/rr',
      logLevel: 'debug',
      cgroupManager: 'cgroupfs',
    })
  })

  it('leaves the words of a container’s program alone', async () => {
    const { flags, argv } = await new Starter(['--rm', 'img', 'sh', '-c', '--rm'], config).look()
    expect(flags).toEqual({ rm: true })
    expect(argv).toEqual(['img', 'sh', '-c', '--rm'])
  })
})

describe('mistakes', () => {
  it.each([
    [['x', '--foo'], "unknown flag: --foo\nSee 'tspod pod stop --help'"],
    [
      ['x', '-t', 'y'],
      `invalid argument "y" for "-t, --time" flag: strconv.ParseUint: parsing "y": invalid syntax\nSee 'tspod pod stop --help'`,
    ],
    [[], 'accepts 1 arg(s), received 0'],
    [['a', 'b'], 'accepts 1 arg(s), received 2'],
    [
      ['a', '--log-level=x'],
      'Log Level "x" is not supported, choose from: trace, debug, info, warn, warning, error, fatal, panic',
    ],
  ])('%j', async (argv, message) => {
    await expect(probe(argv).look()).rejects.toMatchObject({ name: 'TspodError', message })
  })

  it.each([
    [['--ignore', 'x'], 'pod stop', '--ignore is not supported by tspod yet'],
    [['--pod-id-file=x', 'x'], 'pod stop', '--pod-id-file is not supported by tspod yet'],
    [['-i', 'x'], 'container stop', '-i is not supported by tspod yet'],
    [['--storage-driver', 'vfs', 'x'], 'pod stop', '--storage-driver is not supported by tspod yet'],
  ])('%j is Podman’s, but not yet tspod’s', async (argv, id, message) => {
    await expect(probe(argv, id).look()).rejects.toMatchObject({ code: 'unsupported', message })
  })
})

describe('exit', () => {
  it('ends a command with a code and no message', () => {
    expect(() => probe([]).exit(3)).toThrow(CommandExit)
  })
})
