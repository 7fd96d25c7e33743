import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, lstatSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openLayeredRoot } from '../../../src/image/layered-root'
import { openKernel } from '../../../src/kernel'
import { type RawEntry, tar } from '../../unit/image/make-tar'
import { BINARY } from '../harness/command'
import { dockerArchive } from './archives'
import { useEmptyStore } from './empty-store'

const store = useEmptyStore()
const folder = (name: string, more: Partial<RawEntry> = {}): RawEntry => ({
  name,
  flag: '5',
  mode: 0o755,
  ...more,
})
const file = (name: string, data = name): RawEntry => ({ name, data })

const load = async (name: string, ...layers: RawEntry[][]) => {
  const archive = dockerArchive([{ layers: layers.map((entries) => tar(...entries)), tags: [`${name}:1`] }])
  await store.ok('load', '--quiet', '--input', store.file(`${name}.tar`, archive))
  return `${name}:1`
}

/** All names in the merged tree, as overlayfs shows them, and as our own reading does. */
const both = async (name: string) => {
  const shown = (await store.merged(name, 'find . -mindepth 1 | sort'))
    .split('\n')
    .map((path) => path.slice(2))
  const root = openLayeredRoot(openKernel(), await store.layers(name))
  const walk = (path: string): string[] =>
    (root.readdir(path) ?? []).flatMap((entry) => {
      const full = path ? `${path}/${entry}` : entry
      return [full, ...((root.entryAt(full)?.mode ?? 0) >> 12 === 4 ? walk(full) : [])]
    })
  expect(walk('').sort()).toEqual(shown.filter(Boolean).sort())
  return shown
}

const base = [
  folder('a'),
  file('a/one'),
  file('a/two'),
  folder('b'),
  file('b/one'),
  file('top'),
  folder('tmp', { mode: 0o1777, uid: 3 }),
]

test('a whiteout hides what lies below, and nothing of its own layer', async () => {
  const name = await load('hides', base, [file('a/.wh.one', ''), file('.wh.top', ''), file('a/three')])
  expect(await both(name)).toEqual(['a', 'a/three', 'a/two', 'b', 'b/one', 'tmp'])
  const again = await load('replaces', base, [
    file('.wh.top', ''),
    file('top', 'new'),
    file('b/two'),
    file('.wh.b', ''),
  ])
  expect(await both(again)).toEqual(['a', 'a/one', 'a/two', 'b', 'b/two', 'tmp', 'top'])
  expect(await store.merged(again, 'cat top')).toBe('new')
})

test('an opaque folder shows its own layer alone, wherever the mark stands in the archive', async () => {
  const name = await load('opaque', base, [
    folder('a'),
    file('a/own'),
    file('a/.wh..wh..opq', ''),
    file('a/.wh.two', ''),
  ])
  expect(await both(name)).toEqual(['a', 'a/own', 'b', 'b/one', 'tmp', 'top'])
})

test('marks that hide nothing leave nothing', async () => {
  const name = await load(
    'idle',
    [file('.wh.gone', ''), file('a/.wh..wh..opq', ''), file('a/x'), file('.wh..wh.plnk', '')],
    [file('new/.wh.nothing', ''), file('new/x')],
  )
  expect(await both(name)).toEqual(['a', 'a/x', 'new', 'new/x'])
  for (const layer of await store.layers(name))
    expect(execFileSync('find', [layer, '-type', 'c'], { encoding: 'utf8' })).toBe('')
})

test('a device 0:0 is a whiteout, as overlayfs takes it for one', async () => {
  const name = await load('device', base, [{ name: 'top', flag: '3', major: 0, minor: 0 }])
  expect(await both(name)).not.toContain('top')
})

test('a folder that a layer leaves out keeps the owner and mode that it has below', async () => {
  const name = await load('kept', base, [file('tmp/new')])
  expect(await store.merged(name, 'stat -c "%a %u" tmp')).toBe('1777 3')
})

test('links are followed inside the layers, and never out of them', async () => {
  const name = await load(
    'links',
    [
      folder('etc'),
      { name: 'etc/passwd', flag: '2', linkName: '/real/passwd' },
      folder('real'),
      file('real/passwd', 'below'),
    ],
    [
      file('real/passwd', 'above'),
      { name: 'out', flag: '2', linkName: '../../../../../../etc/hostname' },
      { name: 'self', flag: '2', linkName: 'self' },
    ],
  )
  const root = openLayeredRoot(openKernel(), await store.layers(name))
  expect(root.readFile('/etc/passwd')?.toString()).toBe('above')
  expect(root.readFile('/etc/../etc/./passwd')?.toString()).toBe('above')
  expect(root.stat('/etc/passwd')).toMatchObject({ size: 5 })
  expect(root.readFile('/out')).toBeUndefined()
  expect(root.stat('/self')).toBeUndefined()
  expect(root.readFile('/etc')).toBeUndefined()
  expect(root.readdir('/etc/passwd')).toBeUndefined()
  expect(() => root.readFile('/etc/passwd', 3)).toThrow('has 5 bytes, more than the 3 expected')
})

test('layers that images share are there once', async () => {
  const before = readdirSync(join(store.root, 'layers')).length
  await load('first', [folder('x'), file('x/shared')], [file('one')])
  await load('second', [folder('x'), file('x/shared')], [file('two')])
  expect(readdirSync(join(store.root, 'layers'))).toHaveLength(before + 3)
  await store.ok('rmi', 'first:1')
  expect(readdirSync(join(store.root, 'layers'))).toHaveLength(before + 2)
  expect(await both('second:1')).toEqual(['two', 'x', 'x/shared'])
})

test('an image with 120 layers is mounted with short names', async () => {
  const layers = Array.from({ length: 120 }, (_, index) => [file(`f${String(index).padStart(3, '0')}`)])
  const name = await load('many', ...layers)
  const dirs = await store.layers(name)
  expect(dirs).toHaveLength(120)
  const relative = dirs.map((dir) => dir.slice(`${store.root}/layers/`.length))
  expect(relative.join(':').length).toBeLessThan(3000)
  const script = `cd ${store.root}/layers && mount -t overlay overlay -o lowerdir=${relative.join(':')} /mnt && ls /mnt | wc -l`
  const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' })
  expect({ stdout: stdout.trim(), stderr }).toEqual({ stdout: '120', stderr: '' })
})

test('a layer whose folder was lost is unpacked again from its blob', async () => {
  const name = await load('lost', base)
  const layer = await store.layer(name)
  rmSync(join(layer, '..'), { recursive: true })
  await store.ok('create', '--name', 'lost', name, 'true')
  await store.run(['start', 'lost'])
  expect(existsSync(join(layer, 'a/one'))).toBe(true)
  await store.ok('rm', 'lost')
})

test('an image whose blob was lost says so by its name, and goes when it is removed', async () => {
  const name = await load('broken', [file('unique-content')])
  const id = (await store.ok('image', 'inspect', '--format', '{{.Id}}', name)).trim()
  rmSync(join(store.root, 'images/blobs/sha256', id))
  expect(await store.fails(125, 'image', 'inspect', name)).toMatch(
    /^Error: image docker\.io\/library\/broken:1: image is damaged: blob sha256:\w+ is missing from the store; remove it/,
  )
  expect(await store.ok('images')).not.toContain('broken')
  await store.ok('rmi', '--force', name)
  await store.fails(1, 'rmi', name)
})

test('a damaged index is named, and not written over', async () => {
  const index = join(store.root, 'images/index.json')
  const kept = execFileSync('cat', [index])
  writeFileSync(index, '{"manifests": 3}')
  try {
    expect(await store.fails(125, 'images')).toMatch(/index\.json is damaged: /)
    expect(await store.fails(125, 'import', '--quiet', store.file('x.tar', tar(file('x'))))).toMatch(
      /index\.json is damaged/,
    )
  } finally {
    writeFileSync(index, kept)
  }
})

test('what a killed import left goes with the next one', async () => {
  const archive = store.file('large.tar', tar({ name: 'large', data: Buffer.alloc(64 << 20, 'y') }))
  // a shell gives its background jobs no standard input of their own
  const script = `{ head -c 40000000 ${archive}; sleep 2; } | { exec 3<&0
      ${BINARY} ${store.options.join(' ')} import --quiet - killed <&3 & pid=$!
      until [ -s ${store.root}/tmp/*/0 ]; do sleep 0.05; done
      kill -9 $pid; wait $pid; }; true`
  const shell = spawnSync('timeout', ['-k', '1', '20', 'sh', '-c', script])
  expect(shell.status).toBe(0)
  expect(readdirSync(join(store.root, 'tmp'))).toHaveLength(1)
  await store.imported('after', tar(file('after')))
  expect(readdirSync(join(store.root, 'tmp'))).toEqual([])
  expect(await store.ok('images')).not.toContain('killed')
})

test('many at once lose nothing', async () => {
  const jobs = Array.from({ length: 12 }, async (_, index) => {
    await store.imported(`many${index}`, tar(folder('common'), file(`own${index}`)))
    await store.ok('tag', `many${index}`, `alias${index}:a`, `alias${index}:b`)
    await store.ok('untag', `many${index}`, `alias${index}:a`)
  })
  await Promise.all(jobs)
  const names = (await store.ok('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n')
  for (let index = 0; index < 12; index++) {
    expect(names).toContain(`localhost/many${index}:latest`)
    expect(names).toContain(`localhost/alias${index}:b`)
    expect(names).not.toContain(`localhost/alias${index}:a`)
  }
  const removals = Array.from({ length: 12 }, (_, index) =>
    store.ok('rmi', `many${index}`, `alias${index}:b`),
  )
  await Promise.all(removals)
  expect(await store.ok('images')).not.toMatch(/(many|alias)\d/)
})

test('layers are closed to other users, who might find set-user-ID programs in them', () => {
  for (const name of ['layers', 'images', 'tmp'])
    expect(statSync(join(store.root, name)).mode & 0o077).toBe(0)
  expect(lstatSync(store.root).isDirectory()).toBe(true)
})
