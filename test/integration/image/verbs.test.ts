import { readFileSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { tar } from '../../unit/image/make-tar'
import { needTspod } from '../harness/need'
import { Terminal } from '../harness/terminal'
import { configOf, digestOf, dockerArchive, idOf } from './archives'
import { useEmptyStore } from './empty-store'

const store = useEmptyStore()
const root = (content: string) => tar({ name: 'content', data: content })

const image = {
  layers: [root('loaded')],
  tags: ['localhost/loaded:1', 'quay.io/team/loaded:2'],
  config: { Cmd: ['x'], Labels: { a: 'b' } },
}
const id = idOf(image)
const load = async () => store.ok('load', '--input', store.file('loaded.tar', dockerArchive([image])))

const rows = async (...options: string[]) =>
  (await store.ok('images', '--noheading', '--format', '{{.Repository}}:{{.Tag}}', ...options))
    .split('\n')
    .filter(Boolean)
    .sort()

describe('import', () => {
  test('prints the ID alone, and takes what is said of the image', async () => {
    const path = store.file('web.tar', root('web'))
    utimesSync(path, 1_700_000_000, 1_700_000_000)
    const printed = await store.run([
      'import',
      '-c',
      'CMD ["sh"]',
      '-c',
      'ENV A=b',
      '-m',
      'from a test',
      path,
      'web:1',
    ])
    expect(printed).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      stderr: expect.anything(),
    })
    const [inspected] = JSON.parse(await store.ok('image', 'inspect', 'web:1'))
    expect(inspected).toMatchObject({
      Id: printed.stdout.slice(7),
      RepoTags: ['localhost/web:1'],
      Comment: 'from a test',
      Created: '2023-11-14T22:13:20Z',
      Config: { Env: ['A=b'], Cmd: ['sh'] },
      Os: 'linux',
      RootFS: { Type: 'layers', Layers: [digestOf(root('web'))] },
      History: [
        {
          created: '2023-11-14T22:13:20Z',
          created_by: `/bin/sh -c #(nop) ADD file:${digestOf(root('web')).slice(7)} in /`,
          comment: 'from a test',
        },
      ],
    })
    await store.ok('rmi', 'web:1')
  })

  test('reads from a pipe', async () => {
    const { exitCode, stdout } = await store.run(['import', '-', 'piped'], { input: root('piped') })
    expect(exitCode).toBe(0)
    expect(await store.ok('images', '--quiet', '--no-trunc', 'piped')).toBe(stdout)
    await store.ok('rmi', 'piped')
  })

  test.for([
    [
      'an instruction that is none',
      ['-c', 'FOO bar'],
      'good',
      /^Error: invalid change "FOO bar" - invalid instruction FOO$/,
    ],
    [
      'a name that is none',
      [],
      'BAD',
      /^Error: normalizing name "BAD": .*repository name must be lowercase$/,
    ],
  ] as const)('refuses %s before it reads anything', async ([, options, name, message]) => {
    const path = store.file('x.tar', root('x'))
    expect(await store.fails(125, 'import', ...options, path, name)).toMatch(message)
  })

  test('names the file that is not there', async () => {
    expect(await store.fails(125, 'import', 'nosuch.tar')).toMatch(/nosuch\.tar.*no such file or directory/)
  })
})

describe('names', () => {
  test('come with a loaded image, and lead to it', async () => {
    expect(await load()).toBe('Loaded image: localhost/loaded:1\nLoaded image: quay.io/team/loaded:2')
    expect(await rows()).toEqual(['localhost/loaded:1', 'quay.io/team/loaded:2'])
    for (const name of [
      'loaded:1',
      'localhost/loaded:1',
      'team/loaded:2',
      id,
      id.slice(0, 5),
      `sha256:${id}`,
    ])
      expect(await store.ok('image', 'inspect', '--format', '{{.Id}}', name)).toBe(id)
    expect((await store.run(['image', 'exists', 'loaded:1'])).exitCode).toBe(0)
    expect((await store.run(['image', 'exists', 'loaded:3'])).exitCode).toBe(1)
  })

  test('are given and taken', async () => {
    await store.ok('tag', 'loaded:1', 'other', 'r.example:5000/x/y:z')
    expect(await rows()).toContain('localhost/other:latest')
    await store.ok('untag', id.slice(0, 12), 'other')
    expect(await rows()).not.toContain('localhost/other:latest')
    expect(await store.fails(125, 'untag', 'loaded:1', 'other')).toBe(
      'Error: localhost/other:latest: tag not known',
    )
    expect(await store.fails(125, 'tag', 'nosuch', 'x')).toBe('Error: nosuch: image not known')
    expect(await store.fails(125, 'tag', 'loaded:1', 'Bad')).toMatch(/repository name must be lowercase$/)
  })

  test('move from one image to another', async () => {
    await store.ok('import', '--quiet', store.file('y.tar', root('y')), 'y')
    await store.ok('tag', 'y', 'r.example:5000/x/y:z')
    expect(await store.ok('image', 'inspect', '--format', '{{.RepoTags}}', id)).toBe(
      '[localhost/loaded:1 quay.io/team/loaded:2]',
    )
    await store.ok('untag', 'y')
    expect(await store.ok('images', '--filter', 'dangling=true', '--quiet')).not.toBe('')
    expect(await store.ok('image', 'prune', '--force')).toMatch(/^[0-9a-f]{64}$/)
    expect(await store.ok('images', '--filter', 'dangling=true', '--quiet')).toBe('')
  })
})

describe('rmi', () => {
  test('takes one name of several, and the image with its last', async () => {
    await load()
    expect(await store.ok('rmi', 'loaded:1')).toBe('Untagged: localhost/loaded:1')
    expect(await store.ok('rmi', 'team/loaded:2')).toBe(`Untagged: quay.io/team/loaded:2\nDeleted: ${id}`)
    await load()
  })

  test('wants to be forced where an ID has several names', async () => {
    expect(await store.fails(125, 'rmi', id)).toBe(
      `Error: unable to delete image "${id}" by ID with more than one tag ([localhost/loaded:1 quay.io/team/loaded:2]): please force removal`,
    )
  })

  test('does all it can, and ends with 1 where an image is not known', async () => {
    await store.ok('tag', 'loaded:1', 'gone')
    const { exitCode, stdout, stderr } = await store.run(['rmi', 'nosuch', 'gone', 'another'])
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: 'Untagged: localhost/gone:latest' })
    expect(stderr).toMatch(/nosuch: image not known[\s\S]*another: image not known/)
    expect(await store.ok('rmi', '--ignore', 'nosuch')).toBe('')
    expect(await store.ok('rmi', '--force', 'nosuch')).toBe('')
  })

  test('keeps an image that a container uses, and ends with 2', async () => {
    const container = await store.ok('create', 'loaded:1', 'true')
    expect(await store.ok('images', '--filter', 'containers=true', '--quiet', '--no-trunc')).toBe(
      `sha256:${id}`,
    )
    await store.ok('untag', 'loaded:1', 'quay.io/team/loaded:2')
    expect(await store.fails(2, 'rmi', 'loaded:1')).toBe(
      `Error: image used by ${container}: image is in use by a container: consider listing external containers and force-removing image`,
    )
    expect(await store.ok('image', 'prune', '--all', '--force')).toBe('')
    expect(await store.ok('rmi', '--force', 'loaded:1')).toBe(`Untagged: localhost/loaded:1\nDeleted: ${id}`)
    expect(await store.ok('ps', '--all', '--quiet')).toBe('')
  })

  test.for([
    ['nothing', ['rmi'], 'image name or ID must be specified'],
    [
      'all and a name',
      ['rmi', '--all', 'x'],
      'when using the --all switch, you may not pass any images names or IDs',
    ],
  ] as const)('refuses %s', async ([, args, message]) => {
    expect(await store.fails(125, ...args)).toBe(`Error: ${message}`)
  })
})

describe('lists', () => {
  test('have a row for each name, newest image first, and IDs once', async () => {
    await load()
    await store.ok('import', '--quiet', store.file('new.tar', root('new')), 'new')
    expect(await store.ok('images')).toMatch(
      new RegExp(
        `^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\nlocalhost/new +latest +[0-9a-f]{12} +.* ago +[\\d.]+ kB\nlocalhost/loaded +1 +${id.slice(0, 12)} +.* ago +[\\d.]+ kB\nquay.io/team/loaded +2 +${id.slice(0, 12)} `,
      ),
    )
    expect((await store.ok('images', '--quiet')).split('\n')).toHaveLength(2)
    expect(await store.ok('images', '--sort', 'repository', '--format', '{{.Repository}}')).toBe(
      'localhost/loaded\nlocalhost/new\nquay.io/team/loaded',
    )
  })

  test('show those that are asked for', async () => {
    expect(await rows('loaded')).toEqual(['localhost/loaded:1', 'quay.io/team/loaded:2'])
    expect(await rows('--filter', 'reference=*/new')).toEqual(['localhost/new:latest'])
    expect(await rows('--filter', 'label=a=b')).toEqual(['localhost/loaded:1', 'quay.io/team/loaded:2'])
    expect(await rows('--filter', 'since=loaded:1')).toEqual(['localhost/new:latest'])
    expect(await rows('nosuch')).toEqual([])
    expect(await store.fails(125, 'images', '--filter', 'dangling=true', 'new')).toBe(
      'Error: cannot specify an image and a filter(s)',
    )
  })

  test('as JSON have what Podman has', async () => {
    const listed = JSON.parse(await store.ok('images', '--format', 'json', 'localhost/loaded:1'))
    expect(listed).toMatchObject([
      { Id: id, Names: ['localhost/loaded:1'], Labels: { a: 'b' }, Containers: 0, Created: 1767323045 },
    ])
  })

  test('of the history name the image, and who made it', async () => {
    expect(await store.ok('history', '--quiet', '--no-trunc', 'loaded:1')).toBe(id)
    expect(await store.ok('history', '--human=false', 'loaded:1')).toMatch(
      /^ID +CREATED +CREATED BY +SIZE +COMMENT\n[0-9a-f]{12} +2026-01-02T03:04:05Z +layer 0 /,
    )
  })

  test('of the layers are a tree', async () => {
    expect(await store.ok('image', 'tree', 'loaded:1')).toMatch(
      /^Image ID: [0-9a-f]{12}\nTags: {5}\[localhost\/loaded:1 quay\.io\/team\/loaded:2\]\nSize: {5}[\d.]+kB\nImage Layers\n└── ID: [0-9a-f]{12} Size: [\d. ]+kB Top Layer of: \[/,
    )
  })
})

describe('save', () => {
  test.for(['docker-archive', 'oci-archive'])('%s comes back as the same image', async (format) => {
    const path = join(store.folder, `${format}.saved`)
    await store.ok('save', '--quiet', '--format', format, '--output', path, 'loaded:1')
    await store.ok('rmi', '--force', id)
    expect(await store.ok('load', '--quiet', '--input', path)).toBe('Loaded image: localhost/loaded:1')
    expect(await store.ok('image', 'inspect', '--format', '{{.Id}}', 'loaded:1')).toBe(id)
    await store.ok('tag', 'loaded:1', 'quay.io/team/loaded:2')
  })

  test.for(['oci-dir', 'docker-dir'])('%s comes back as the same image', async (format) => {
    const path = join(store.folder, format)
    await store.ok('save', '--quiet', '--format', format, '--output', path, 'loaded:1')
    await store.ok('rmi', '--force', id)
    await store.ok('load', '--quiet', '--input', path)
    expect(await store.ok('images', '--all', '--quiet', '--no-trunc')).toContain(id)
    await store.ok('rmi', '--force', id)
    await load()
  })

  test('writes several images into one archive', async () => {
    const path = join(store.folder, 'several.tar')
    await store.ok('save', '--quiet', '--multi-image-archive', '--output', path, 'loaded:1', 'new')
    await store.ok('rmi', '--force', id, 'new')
    expect(await store.ok('load', '--quiet', '--input', path)).toBe(
      'Loaded image: localhost/loaded:1\nLoaded image: localhost/new:latest',
    )
    await store.ok('tag', 'loaded:1', 'quay.io/team/loaded:2')
  })

  test('does not write over a file that is there', async () => {
    const path = store.file('precious', Buffer.from('precious'))
    await store.fails(125, 'save', '--quiet', '--output', path, 'loaded:1')
    expect(readFileSync(path, 'utf8')).toBe('precious')
  })

  test('refuses a blob that was changed on the disk', async (context) => {
    needTspod(context, 'keeps its blobs elsewhere')
    const blob = join(store.root, 'images/blobs/sha256', digestOf(configOf(image)).slice(7))
    const kept = readFileSync(blob)
    writeFileSync(blob, kept.subarray(1))
    expect(await store.fails(125, 'save', '--output', join(store.folder, 'never.tar'), 'loaded:1')).toMatch(
      /damaged/,
    )
    writeFileSync(blob, kept)
  })
})

describe('long work', () => {
  const large = () => store.file('large.tar', tar({ name: 'large', data: Buffer.alloc(40 << 20, 'z') }))

  test('is silent in a pipe', async (context) => {
    needTspod(context, 'prints its steps everywhere')
    const { stdout, stderr } = await store.run(['import', large(), 'large'])
    expect({ stdout, stderr }).toEqual({ stdout: expect.stringMatching(/^sha256:\w+$/), stderr: '' })
  })

  test('shows on a terminal how far it is', async (context) => {
    needTspod(context, 'has a bar of its own')
    const terminal = new Terminal(store, ['import', large(), 'large'])
    await terminal.shows(/reading .*large\.tar.* \/ 41\.\d+MB/)
    await terminal.shows(/sha256:[0-9a-f]{64}/)
    await store.ok('rmi', 'large')
  })
})
