import { describe, expect, it } from 'vitest'
import type { Manifest } from '../../../src/cli/launch/manifest'
import { nodeProblem } from '../../../src/cli/launch/node-version'
import { resolveTarget } from '../../../src/cli/launch/resolve'

const manifest: Manifest = {
  version: '1.0.0',
  build: 'x',
  commands: {
    ps: 'List containers',
    run: 'Run a command in a new container',
    images: 'List images',
    'pod create': 'Create a pod',
    'pod ps': 'List pods',
    'generate kube': 'Generate YAML',
    secretive: 'Hidden',
  },
  aliases: {
    'container run': 'run',
    'container ps': 'ps',
    'container ls': 'ps',
    'pod list': 'pod ps',
    'image ls': 'images',
  },
  hidden: ['secretive'],
}
const resolve = (...argv: string[]) => resolveTarget(argv, manifest)

describe('resolveTarget', () => {
  it.each<[string[], object]>([
    [['ps', '-a'], { kind: 'command', id: 'ps', path: 'ps', argv: ['-a'] }],
    [['pod', 'create', 'x'], { id: 'pod create', path: 'pod create', argv: ['x'] }],
    [['container', 'run', '--rm', 'img'], { id: 'run', path: 'container run', argv: ['--rm', 'img'] }],
    [['pod', 'list'], { id: 'pod ps', path: 'pod list', argv: [] }],
    [['--root', '/r', 'ps', '-a'], { id: 'ps', argv: ['--root', '/r', '-a'] }],
    [
      ['--root=/r', 'pod', '--log-level', 'debug', 'ps'],
      { id: 'pod ps', argv: ['--root=/r', '--log-level', 'debug'] },
    ],
    [['run', 'img', '--help'], { id: 'run', argv: ['img', '--help'] }],
    [['--help'], { kind: 'help', topic: '' }],
    [['pod', '-h'], { kind: 'help', topic: 'pod' }],
    [['--help', 'ps'], { id: 'ps', argv: ['--help'] }],
    [['-h', 'ps'], { kind: 'help', topic: '' }],
    [['help', 'pod', 'ps'], { kind: 'help', topic: 'pod ps' }],
    [[], { kind: 'missing', topic: '' }],
    [['pod'], { kind: 'missing', topic: 'pod' }],
    [['--version'], { kind: 'version' }],
    [['-v'], { kind: 'version' }],
  ])('%j', async (argv, target) => {
    expect(await resolve(...argv)).toMatchObject(target)
  })

  it.each([
    [['zzzzz'], "unrecognized command `tspod zzzzz`\nTry 'tspod --help' for more information"],
    [
      ['rum'],
      "unrecognized command `tspod rum`\n\nDid you mean this?\n\trun\n\nTry 'tspod --help' for more information",
    ],
    [['pod', 'zzzzz'], "unrecognized command `tspod pod zzzzz`\nTry 'tspod pod --help' for more information"],
    [['build', '.'], '`tspod build` is not supported by tspod yet'],
    [['pod', 'clone', 'x'], '`tspod pod clone` is not supported by tspod yet'],
    [['network', 'create', 'x'], '`tspod network create` is not supported by tspod yet'],
    [['--remote', 'ps'], '--remote is not supported by tspod yet'],
    [['-H', 'x', 'ps'], '-H is not supported by tspod yet'],
    [['--foo', 'ps'], "unknown flag: --foo\nSee 'tspod --help'"],
    [['pod', '--foo'], "unknown flag: --foo\nSee 'tspod pod --help'"],
    [['--root'], "flag needs an argument: --root\nSee 'tspod --help'"],
  ])('%j fails', async (argv, message) => {
    await expect(resolve(...argv)).rejects.toThrow(message)
  })
})

describe('nodeProblem', () => {
  it.each(['20.19.0', '20.20.2', '22.0.0', '24.1.0'])('%s will do', (version) => {
    expect(nodeProblem(version, 'node')).toBeUndefined()
  })

  it.each(['20.18.3', '18.20.0', '8.0.0', '0.10.48'])('%s will not', (version) => {
    expect(nodeProblem(version, '/usr/bin/node')).toBe(
      `Error: tspod needs Node.js 20.19 or later; /usr/bin/node is ${version}`,
    )
  })
})
