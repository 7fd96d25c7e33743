import { beforeAll, describe, expect, it } from 'vitest'
import Info from '../../../commands/info'
import Inspect from '../../../commands/inspect'
import PodPs from '../../../commands/pod/ps'
import Ps from '../../../commands/ps'
import { logText } from '../../../src/cli/log-lines'
import { toYaml } from '../../../src/cli/yaml'
import { TspodError } from '../../../src/errors'
import type { ContainerInspect, ListPod, LogEntry } from '../../../src/libpod'
import { runCommand } from './run-command'

beforeAll(() => {
  process.env.TZ = 'UTC'
})

const entry = (changes: Partial<LogEntry> = {}): LogEntry => ({
  containerId: 'abcdef0123456789',
  containerName: 'web',
  containerIndex: 0,
  containerCount: 1,
  time: '2026-01-02T03:04:05.123456789Z',
  stream: 'stdout',
  partial: false,
  message: Buffer.from('hello'),
  ...changes,
})
const plain = { color: false, names: false, timestamps: false }

describe('a line of a log', () => {
  it.each<[Partial<LogEntry>, object, string]>([
    [{}, {}, 'hello\n'],
    [{ partial: true }, {}, 'hello'],
    [{}, { names: true }, 'hello\n'],
    [{ containerCount: 2 }, {}, 'abcdef012345 hello\n'],
    [{ containerCount: 2 }, { names: true, timestamps: true }, 'web 2026-01-02T03:04:05.123456789Z hello\n'],
    [{ containerCount: 2, containerIndex: 8 }, { color: true }, '\x1b[31mabcdef012345 hello\x1b[0m\n'],
  ])('%o %o', (changes, style, text) => {
    expect(logText(entry(changes), { ...plain, ...style }).toString()).toBe(text)
  })

  it('keeps bytes that are no text', () => {
    const text = logText(entry({ message: Uint8Array.of(0xff, 0x00) }), plain)
    expect([...text]).toEqual([0xff, 0x00, 0x0a])
  })
})

describe('toYaml', () => {
  it('writes what sigs.k8s.io/yaml writes', () => {
    const value = {
      z: { empty: {}, none: [], nil: null },
      list: ['a', 'b'],
      objects: [{ b: 1, a: true }, { c: ['x'] }],
      version: '12',
      on: 'true',
      text: 'conmon version 2.1.6, commit: unknown',
      lines: 'one\ntwo\n\nthree',
      ended: 'one\n',
      blank: '',
      percent: 83.58,
      dash: '- x',
      path: '/a b',
      control: 'a\u0007',
    }
    expect(toYaml(value)).toBe(
      [
        'blank: ""',
        'control: "a\\u0007"',
        "dash: '- x'",
        'ended: |',
        '  one',
        'lines: |-',
        '  one',
        '  two',
        '',
        '  three',
        'list:',
        '- a',
        '- b',
        'objects:',
        '- a: true',
        '  b: 1',
        '- c:',
        '  - x',
        '"on": "true"',
        'path: /a b',
        'percent: 83.58',
        "text: 'conmon version 2.1.6, commit: unknown'",
        'version: "12"',
        'z:',
        '  empty: {}',
        '  nil: null',
        '  none: []',
        '',
      ].join('\n'),
    )
  })
})

const inspected = {
  Id: 'c1',
  Created: '2026-01-02T03:04:05.12345Z',
  State: { Pid: 12, StartedAt: '0001-01-01T00:00:00Z' },
  Config: { Labels: { Zoo: '1', bar: '2' }, Cmd: null, Volumes: null },
  HostConfig: { LogConfig: { Type: 'k8s-file', Config: null } },
  NetworkSettings: { Ports: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
  lockNumber: 4,
} as unknown as ContainerInspect

const missing = (name: string) => new TspodError('not-found', `no such container ${name}`)
const engine = {
  containers: {
    inspect: async ([name = '']: string[]) =>
      name === 'c1' ? { results: [inspected], errors: [] } : { results: [], errors: [missing(name)] },
  },
  images: { inspect: async (name: string) => Promise.reject(missing(name)) },
  pods: { inspect: async ([name = '']: string[]) => ({ results: [], errors: [missing(name)] }) },
}

describe('inspect', () => {
  const format = async (template: string) =>
    (await runCommand(Inspect, ['-f', template, 'c1'], engine)).stdout.trimEnd()

  it("takes Go's names and JSON's, and shows maps, times and nothing as Go does", async () => {
    expect(await format('{{.Id}} {{.ID}} {{.LockNumber}} {{.State.Pid}}')).toBe('c1 c1 4 12')
    expect(await format('{{.Created}}')).toBe('2026-01-02 03:04:05.12345 +0000 UTC')
    expect(await format('{{.State.StartedAt}}')).toBe('0001-01-01 00:00:00 +0000 UTC')
    expect(await format('{{.Config.Labels}} {{.Config.Labels.Zoo}} {{.Config.Cmd}}')).toBe(
      'map[Zoo:1 bar:2] 1 []',
    )
    expect(await format('{{.Config.Volumes}} {{json .Config.Volumes}} {{json .Config.Cmd}}')).toBe(
      'map[] null null',
    )
    expect(await format('{{.State.CgroupPath}}|{{.Config.ExposedPorts}}|{{.Config.CreateCommand}}')).toBe(
      '|map[]|[]',
    )
    expect(await format('{{.NetworkSettings.Ports}}')).toBe('map[80/tcp:[{ 8080}]]')
    expect(await format('{{(index .NetworkSettings.Ports "80/tcp" 0).HostPort}}')).toBe('8080')
  })

  it('prints JSON in the order of the fields', async () => {
    const { stdout } = await runCommand(Inspect, ['c1'], engine)
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      '[',
      '     {',
      '          "Id": "c1",',
      '          "Created": "2026-01-02T03:04:05.12345Z",',
      '          "State": {',
    ])
    expect(JSON.parse(stdout)).toEqual([inspected])
  })

  it('prints what it found, then the errors, the first as the command’s own', async () => {
    const ran = await runCommand(Inspect, ['-f', '{{.Id}}', 'x', 'c1', 'y'], engine)
    expect(ran.stdout).toBe('c1\n')
    expect(ran.stderr).toBe('no such object: "y"\n')
    expect(ran.error?.message).toBe('no such object: "x"')
    const none = await runCommand(Inspect, ['x'], engine)
    expect(none.stdout).toBe('[]\n')
  })

  it.each([
    [['--type', 'image', '-l'], 'latest is not supported for type "image"'],
    [['--type', 'pod', '-s', 'x'], 'size is not supported for type "pod"'],
    [['--type', 'volume', 'x'], '--type=volume is not supported by tspod yet'],
    [['--type', 'thing', 'x'], 'invalid type "thing": must be "image", "container"'],
    [[], 'no names or ids specified'],
  ])('%o', async (argv, message) => {
    expect((await runCommand(Inspect, argv, engine)).error?.message).toContain(message)
  })
})

describe('pod ps', () => {
  const pod: ListPod = {
    Cgroup: '/libpod_parent',
    Containers: [
      { Id: 'c'.repeat(64), Names: 'front', Status: 'running', RestartCount: 2 },
      { Id: 'd'.repeat(64), Names: 'back', Status: 'exited', RestartCount: 1 },
    ],
    Created: new Date(Date.now() - 7_200_000).toISOString(),
    Id: 'a'.repeat(64),
    InfraId: '',
    Name: 'web',
    Namespace: '',
    Networks: ['podman'],
    Status: 'Degraded',
    Labels: { tier: 'front' },
  }
  const podPs = async (...argv: string[]) =>
    (await runCommand(PodPs, argv, { pods: { list: async () => [pod] } })).stdout

  it("has Podman's table", async () => {
    expect(await podPs()).toBe(
      [
        'POD ID        NAME        STATUS      CREATED      INFRA ID    # OF CONTAINERS',
        'aaaaaaaaaaaa  web         Degraded    2 hours ago              2',
        '',
      ].join('\n'),
    )
    expect(await podPs('--ctr-names', '--ctr-status', '-n')).toMatch(/front,back {2}running,exited\n$/)
  })

  it('has its fields', async () => {
    expect(await podPs('--format', '{{.ID}} {{.Restarts}} {{.Labels}} {{.Networks}}')).toBe(
      'aaaaaaaaaaaa 3 tier=front podman\n',
    )
    expect(await podPs('-q')).toBe(`${pod.Id}\n`)
    expect(JSON.parse(await podPs('--format', 'json'))).toEqual([pod])
  })

  it.each([
    [['--sort', 'age'], 'invalid option for --sort, options are: created, id, name, number, or status'],
    [['-f', 'name'], 'filter input must be in the form of filter=value: name is invalid'],
    [['-q', '--format', 'x'], 'quiet and format cannot be used together'],
  ])('%o', async (argv, message) => {
    expect((await runCommand(PodPs, argv)).error?.message).toBe(message)
  })
})

describe('ps', () => {
  it.each([
    [['-n', '1', '-l'], 'last and latest are mutually exclusive'],
    [['-q', '--ns'], 'quiet conflicts with size and namespace'],
    [['-s', '--namespace'], 'size and namespace options conflict'],
    [['-w', '1', '-l'], 'the watch and latest flags cannot be used together'],
    [['--sort', 'age'], '"age" is not a valid value.  Choose from: "command, created, id'],
    [['x'], 'takes no arguments'],
  ])('%o', async (argv, message) => {
    expect((await runCommand(Ps, argv)).error?.message).toContain(message)
  })
})

describe('info', () => {
  const info = { host: { arch: 'amd64', cgroupVersion: 'v2' }, store: { graphStatus: { 'a b': 'c' } } }
  const show = async (...argv: string[]) =>
    (await runCommand(Info, argv, { info: async () => info } as never)).stdout

  it('is YAML with a blank line at its end, or JSON, or what a template makes of it', async () => {
    expect(await show()).toBe(
      'host:\n  arch: amd64\n  cgroupVersion: v2\nstore:\n  graphStatus:\n    a b: c\n\n',
    )
    expect(JSON.parse(await show('-f', 'json'))).toEqual(info)
    expect(
      await show('-f', '{{.Host.Arch}} {{.Host.CgroupsVersion}} {{index .Store.GraphStatus "a b"}}'),
    ).toBe('amd64 v2 c\n')
  })
})
