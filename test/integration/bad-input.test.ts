import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { PODMAN } from './harness/command'
import { IMAGE, useStore } from './harness/store'

const store = useStore()
const path = (name: string) => join(store.folder, name)

beforeAll(async () => {
  writeFileSync(path('garbage.tar'), Buffer.alloc(5000, 'garbage'))
  writeFileSync(path('empty.tar'), '')
  mkdirSync(path('folder'))
  writeFileSync(path('vars'), '=novalue\n')
  await store.ok('pod', 'create', '--name', 'taken')
  await store.ok('create', '--name', 'used', IMAGE, 'true')
})

describe('one line that names the thing, and 125', () => {
  test.for([
    ['an archive that is none', ['load', '-i', '$/garbage.tar'], /garbage\.tar|not.*(archive|format)/],
    ['an empty archive', ['load', '-i', '$/empty.tar'], /empty|EOF|archive/],
    [
      'an archive that is not there',
      ['load', '-i', '$/missing.tar'],
      /missing\.tar: no such file or directory/,
    ],
    ['an import that is not there', ['import', '$/missing.tar'], /missing\.tar/],
    [
      'a bad reference',
      ['import', '$/empty.tar', 'UPPER:case:tag'],
      /invalid reference format|repository name must be lowercase/,
    ],
    [
      'a missing image',
      ['inspect', '--type', 'image', 'localhost/gone'],
      /localhost\/gone.*(no such image|image not known)|no such image.*gone/,
    ],
    ['a missing container', ['stop', 'gone'], /no container with name or ID "gone" found: no such container/],
    ['a missing pod', ['pod', 'start', 'gone'], /gone.*no such pod/],
    ['a pod that is gone, for run', ['run', '--pod', 'gone', IMAGE, 'true'], /gone.*no such pod/],
    ["a container's name in use", ['create', '--name', 'used', IMAGE], /name "used" is already in use/],
    ["a pod's name in use", ['pod', 'create', '--name', 'taken'], /taken.*in use|already in use/],
    ['a bad name', ['create', '--name', '.hidden', IMAGE], /names must match/],
    [
      'a namespace that is none',
      ['pod', 'create', '--share', 'help'],
      /invalid kernel namespace to share: help\. Options are: cgroup, ipc, net, pid, uts or none/,
    ],
    [
      'an env-file that is not there',
      ['create', '--env-file', '$/missing', IMAGE],
      /missing: no such file or directory/,
    ],
    ['a bad line in an env-file', ['create', '--env-file', '$/vars', IMAGE], /vars|novalue/],
    ['a bad mount', ['create', '--mount', 'type=wrong,target=/x', IMAGE], /wrong/],
    ['a mount without a destination', ['create', '--mount', 'type=bind,source=/tmp', IMAGE], /target|dest/],
    ['a relative destination', ['create', '-v', '/tmp:relative', IMAGE], /relative/],
    [
      'a namespace file that is not there',
      ['run', '--network', 'ns:/no/such/ns', IMAGE, 'true'],
      /\/no\/such\/ns/,
    ],
    ['a container to join that is not there', ['run', '--ipc', 'container:gone', IMAGE, 'true'], /gone/],
    ['a bad signal', ['kill', '--signal', 'NOPE', 'used'], /NOPE/],
    ['a bad filter', ['ps', '--filter', 'nonsense=1'], /nonsense/],
    ['a bad template', ['ps', '--format', '{{.Nope'], /template|Nope/],
    ['a bad memory size', ['create', '--memory', '12q', IMAGE], /12q|'q'|memory/],
    ['a bad user map', ['create', '--uidmap', '0:x', IMAGE], /0:x|"x"/],
    ['a bad stop timeout', ['create', '--stop-timeout', 'soon', IMAGE], /soon/],
  ] as [string, string[], RegExp][])('%s', async ([, args, message]) => {
    const { exitCode, stdout, stderr } = await store.run(args.map((word) => word.replace('$', store.folder)))
    expect({ exitCode, stdout, stderr }).toEqual({
      exitCode: PODMAN ? expect.toSatisfy((code: number) => code >= 125) : 125,
      stdout: expect.not.stringMatching(/^[0-9a-f]{64}$/),
      stderr: expect.stringMatching(message),
    })
    if (PODMAN) return
    expect(stderr).toMatch(/^Error: /)
    const own = stderr.split('\n').filter((line) => !/^See 'tspod .*--help'$/.test(line))
    expect(own).toHaveLength(1)
    expect(stderr).not.toMatch(/bug in tspod|^\s+at /m)
  })
})

test.for([
  [['nonsense'], /unknown command|unrecognized command/i],
  [['pod', 'nonsense'], /unrecognized command|unknown command/i],
  [['ps', '--nonsense'], /unknown flag: --nonsense/],
  [['ps', '-Z'], /unknown shorthand flag: 'Z' in -Z/],
  [['ps', 'extra'], /takes no arguments|accepts|unknown command/],
  [['wait'], /requires a name|argument/i],
] as [string[], RegExp][])('%j is refused as usage', async ([args, message]) => {
  const { exitCode, stderr } = await store.run(args)
  expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringMatching(message) })
})

test('an argument that is not UTF-8, and very long ones, do no harm', async () => {
  const long = 'x'.repeat(100_000)
  expect(
    await store.ok('run', '--rm', '-e', `LONG=${long}`, IMAGE, 'sh', '-c', 'printenv LONG | wc -c'),
  ).toBe('100001')
  expect(await store.ok('run', '--rm', IMAGE, 'printf', '%s', 'tab\tnew\nline "quote" \\ $HOME 漢字')).toBe(
    'tab\tnew\nline "quote" \\ $HOME 漢字',
  )
  expect((await store.run(['create', '--name', 'n'.repeat(5000), IMAGE])).exitCode).toBe(PODMAN ? 0 : 125)
})

test('nothing partial is left of all that', async () => {
  const names = (await store.ok('ps', '--all', '--format', '{{.Names}}'))
    .split('\n')
    .filter((name) => !name.endsWith('-infra') && !name.startsWith('nnn'))
  expect(names).toEqual(['used'])
  if (!PODMAN) expect(await store.ok('images', '--quiet', '--filter', 'dangling=true')).toBe('')
})
