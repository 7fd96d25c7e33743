import { Args, type Config, Flags as flags } from '@oclif/core'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { BaseCommand, exactArgs, flag } from '../../../src/cli/base-command'
import { makeConfig } from '../../../src/cli/launch/config'
import * as output from '../../../src/cli/output'
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

class Named extends BaseCommand {
  static override args = { name: Args.string({ required: true }), more: Args.string({ multiple: true }) }
  static override flags = {
    ...Probe.flags,
    color: flag.bool('Colour', { default: true }),
    size: flags.integer({ exclusive: ['all'] }),
  }

  async run(): Promise<void> {
    await this.look()
  }

  look() {
    return this.parse(Named)
  }
}

const named = (...argv: string[]) => new Named(argv, config)

describe('oclif’s parser', () => {
  it('gives the arguments that a command names', async () => {
    const { args, argv } = await named('b', '--', '-a', 'b', 'a').look()
    expect(args).toEqual({ name: 'b', more: ['-a', 'b', 'a'] })
    expect(argv).toEqual(['b', '-a', 'b', 'a'])
  })

  it.each([['--all'], ['-a'], ['--'], ['--nope'], ['-'], ['--no-color'], ['']])(
    'takes %j for a value where it stands for one',
    async (value) => {
      const { flags } = await named('x', '--name', value, `--label=${value}`, '-l', value).look()
      expect(flags).toMatchObject({ name: value, label: [value, value], all: false, color: true })
    },
  )

  it.each([
    [[], true],
    [['--color=false'], false],
    [['--color=false', '--color'], true],
    [['--color', '--color=0'], false],
  ])('knows a flag that is on unless it is turned off: %j', async (argv, color) => {
    expect((await named('x', ...argv).look()).flags.color).toBe(color)
    await expect(named('x', '--no-color').look()).rejects.toThrow('unknown flag: --no-color')
  })
})

describe('exit', () => {
  const printed: string[] = []
  beforeEach(() => {
    printed.length = 0
    vi.spyOn(output, 'writeErr').mockImplementation((data) => {
      printed.push(data.toString())
    })
  })
  afterEach(() => {
    process.exitCode = undefined
    vi.restoreAllMocks()
  })

  it.each<[string[], string]>([
    [[], "Error: missing 1 required arg:\nname\nSee 'tspod named --help'\n"],
    [
      ['x', '-a', '--size', '3'],
      "Error: the following error occurred:\n  --all=true cannot also be provided when using --size\nSee 'tspod named --help'\n",
    ],
    [['x', '--nope'], "Error: unknown flag: --nope\nSee 'tspod named --help'\n"],
  ])('follows a mistake, which %j is, once it was told', async (argv, text) => {
    const command = named(...argv)
    command.id = 'named'
    await expect(command.execute()).rejects.toMatchObject({
      exitCode: 125,
      oclif: { exit: 125 },
      code: 'EEXIT',
    })
    expect(printed).toEqual([text])
  })

  it('ends a command with a code and no message', () => {
    expect(() => probe([]).exit(3)).toThrow(CommandExit)
  })
})
