import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pax, type RawEntry, tar } from '../../unit/image/make-tar'
import { BINARY } from '../harness/command'
import { needPrograms } from '../harness/need'
import { findProgram } from '../harness/rootfs'
import { dockerArchive, idOf } from './archives'
import { useEmptyStore } from './empty-store'

const store = useEmptyStore()
const podmanRoot = () => join(store.folder, 'podman')

const podman = (...args: string[]): string =>
  execFileSync(
    'podman',
    [
      '--root',
      podmanRoot(),
      '--runroot',
      join(store.folder, 'podman-run'),
      '--tmpdir',
      join(store.folder, 'podman-tmp'),
      ...args,
    ],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  ).trimEnd()

const skopeo = (...args: string[]): string => execFileSync('skopeo', args, { encoding: 'utf8' })

const folder = (name: string): RawEntry => ({ name, flag: '5', mode: 0o755 })

/** Two layers with all that makes layers hard. */
const image = {
  layers: [
    tar(
      folder('a'),
      { name: 'a/gone', data: '1' },
      { name: 'a/kept', data: '2' },
      folder('hidden'),
      { name: 'hidden/below' },
      { name: 'twin', data: 't' },
      { name: 'twin2', flag: '1', linkName: 'twin' },
    ),
    tar(
      { name: 'a/.wh.gone' },
      folder('hidden'),
      { name: 'hidden/.wh..wh..opq' },
      { name: 'hidden/above', mode: 0o4711, uid: 12 },
      pax(['SCHILY.xattr.user.x', Buffer.from([1, 0, 255])]),
      { name: 'xattr', data: 'x' },
      { name: 'soft', flag: '2', linkName: 'a/kept' },
    ),
  ],
  tags: ['localhost/hard:1', 'localhost/hard:2'],
  config: { Cmd: ['/bin/sh'], Env: ['A=b'], Labels: { k: 'v' } },
}

// Names, kinds, modes, owners, sizes and link targets of the merged tree.
const LISTING = `find . -mindepth 1 -printf '%P %y %m %U:%G %s %l\\n' | sort; cat a/kept; stat -c %h twin; getfattr -d -m user xattr 2>/dev/null; true`

beforeAll(async () => {
  const path = store.file('hard.tar', dockerArchive([image]))
  await store.ok('load', '--quiet', '--input', path)
  if (findProgram('podman')) podman('load', '--quiet', '--input', path)
})
afterAll(() => {
  // podman makes a mount of its own folder
  spawnSync('umount', ['--lazy', join(podmanRoot(), 'overlay')], { stdio: 'ignore' })
})

describe('podman', () => {
  test.for(['docker-archive', 'oci-archive', 'oci-dir'])(
    'saves a %s that loads here with the same tree',
    async (format, context) => {
      needPrograms(context, 'podman')
      const path = join(store.folder, `from-podman-${format}`)
      podman('save', '--quiet', '--format', format, '--output', path, 'localhost/hard:1')
      const other = join(store.folder, `root-${format}`)
      const loaded = execFileSync(
        BINARY,
        ['--root', other, '--runroot', store.runroot, 'load', '--quiet', '--input', path],
        { encoding: 'utf8' },
      )
      expect(loaded).toMatch(/^Loaded image: localhost\/hard:1\n/)
      const dirs = JSON.parse(
        execFileSync(
          BINARY,
          [
            '--root',
            other,
            '--runroot',
            store.runroot,
            'image',
            'inspect',
            '--format',
            '{{json .GraphDriver.Data}}',
            'hard:1',
          ],
          { encoding: 'utf8' },
        ),
      ) as { UpperDir: string; LowerDir: string }
      const script = `mount -t overlay overlay -o lowerdir=${dirs.UpperDir}:${dirs.LowerDir} /mnt && cd /mnt && ${LISTING}`
      const { stdout } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' })
      expect(stdout.trimEnd()).toBe(await store.merged('hard:1', LISTING))
    },
  )

  test('unpacks the same layers', async (context) => {
    needPrograms(context, 'podman')
    const { UpperDir, LowerDir } = JSON.parse(
      podman('image', 'inspect', '--format', '{{json .GraphDriver.Data}}', 'hard:1'),
    ) as Record<string, string>
    const script = `mount -t overlay overlay -o lowerdir=${UpperDir}:${LowerDir} /mnt && cd /mnt && ${LISTING}`
    const { stdout } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' })
    expect(await store.merged('hard:1', LISTING)).toBe(stdout.trimEnd())
  })

  test.for(['docker-archive', 'oci-archive'])('loads the %s that is saved here', async (format, context) => {
    needPrograms(context, 'podman')
    const path = join(store.folder, `for-podman-${format}`)
    await store.ok('save', '--quiet', '--format', format, '--output', path, 'hard:2', 'hard:3')
    const loaded = podman('load', '--quiet', '--input', path)
    expect(loaded).toContain('localhost/hard:2')
    expect(podman('image', 'inspect', '--format', '{{.Id}}', 'localhost/hard:2')).toBe(idOf(image))
  })

  test('imports the same file as the same image', async (context) => {
    needPrograms(context, 'podman')
    const path = store.file('same.tar', tar(folder('x'), { name: 'x/y', data: 'z' }))
    const options = [
      '-c',
      'CMD ["/x"]',
      '-c',
      'ENV A=<b>&c',
      '-c',
      'LABEL z=1',
      '-c',
      'LABEL a=2',
      '-c',
      'EXPOSE 80',
      '-m',
      'why',
      path,
      'same',
    ]
    expect(await store.ok('import', '--quiet', ...options)).toBe(podman('import', '--quiet', ...options))
  })

  test('prints the same lists', async (context) => {
    needPrograms(context, 'podman')
    const path = store.file('list.tar', tar({ name: 'f', data: 'x'.repeat(5_000_000) }))
    // an age that does not change while the two print it
    utimesSync(path, 1_700_000_000, 1_700_000_000)
    await store.ok('import', '--quiet', path, 'listed:1')
    podman('import', '--quiet', path, 'listed:1')
    const both = async (...args: string[]) => {
      expect((await store.ok(...args)).trimEnd(), args.join(' ')).toBe(podman(...args))
    }
    await both('images', '--filter', 'reference=listed')
    await both('images', '--no-trunc', '--noheading', '--filter', 'reference=listed')
    await both(
      'images',
      '--filter',
      'reference=listed',
      '--format',
      'table {{.Repository}} {{.Tag}} {{.Size}} {{.ID}}',
    )
    await both('images', '--filter', 'reference=nosuch')
    await both('history', 'listed:1')
    await both('history', '--no-trunc', '--human=false', 'listed:1')
    await both('history', '--quiet', 'listed:1')
    await both('image', 'tree', 'listed:1')
    for (const field of [
      'ID',
      'RepoTags',
      'Comment',
      'Created',
      'Config',
      'Architecture',
      'Os',
      'RootFS',
      'Labels',
      'History',
      'User',
    ])
      await both('image', 'inspect', '--format', `{{json .${field}}}`, 'listed:1')
  })
})

describe('skopeo', () => {
  const layout = () => `oci:${store.root}/images`

  test('reads the store by full names', async (context) => {
    needPrograms(context, 'skopeo')
    const inspected = JSON.parse(skopeo('inspect', `${layout()}:localhost/hard:1`)) as Record<string, unknown>
    expect(inspected).toMatchObject({
      Architecture: expect.any(String),
      Os: 'linux',
      Env: ['A=b'],
      Labels: { k: 'v' },
    })
    expect(inspected.Layers).toHaveLength(2)
    expect(inspected.Digest).toBe(await store.ok('image', 'inspect', '--format', '{{.Digest}}', 'hard:1'))
  })

  test('copies out of the store', async (context) => {
    needPrograms(context, 'skopeo')
    const path = join(store.folder, 'copied.tar')
    skopeo('copy', '--quiet', `${layout()}:localhost/hard:1`, `docker-archive:${path}:localhost/copied:1`)
    expect(await store.ok('load', '--quiet', '--input', path)).toBe('Loaded image: localhost/copied:1')
    expect(await store.ok('image', 'inspect', '--format', '{{.Id}}', 'copied:1')).toBe(idOf(image))
  })

  test('copies into the store, and the image runs from there', async (context) => {
    needPrograms(context, 'skopeo')
    const added = { layers: [tar({ name: 'added', data: 'by skopeo' })], tags: ['added:1'] }
    const path = store.file('added.tar', dockerArchive([added]))
    skopeo('copy', '--quiet', `docker-archive:${path}`, `${layout()}:localhost/added:1`)
    const before = readdirSync(join(store.root, 'layers')).length
    await store.ok('create', '--name', 'added', 'added:1', '/nothing')
    await store.run(['start', 'added'])
    expect(readdirSync(join(store.root, 'layers'))).toHaveLength(before + 1)
    expect(await store.merged('added:1', 'cat added')).toBe('by skopeo')
    await store.ok('rm', 'added')
  })
})

describe('archives in every compression', () => {
  const archive = () => store.file('plain.tar', dockerArchive([{ ...image, tags: ['packed:1'] }]))
  const tools = { gzip: 'gzip', zstd: 'zstd', xz: 'xz', bzip2: 'bzip2' } as const

  test.for(Object.entries(tools))('%s', async ([kind, tool], context) => {
    needPrograms(context, tool)
    const path = store.file(`packed.${kind}`, execFileSync(tool, ['-c', archive()], { maxBuffer: 1 << 28 }))
    expect(await store.ok('load', '--quiet', '--input', path)).toBe(
      'Loaded image: docker.io/library/packed:1',
    )
    await store.ok('rmi', 'packed:1')
    const root = store.file(
      `root.${kind}`,
      execFileSync(tool, ['-c', store.file('root.tar', tar({ name: 'x', data: kind }))]),
    )
    await store.ok('import', '--quiet', root, `root-${kind}`)
    expect(await store.merged(`root-${kind}`, 'cat x')).toBe(kind)
  })

  test.for(Object.entries(tools))('%s on a host without the libraries', async ([kind, tool], context) => {
    needPrograms(context, tool)
    const root = store.file(
      `bare.${kind}`,
      execFileSync(tool, ['-c', store.file('bare.tar', tar({ name: 'x', data: `bare ${kind}` }))]),
    )
    const script = `for library in $(find /lib/ /usr/lib/ -name 'libzstd.so.*' -o -name 'liblzma.so.*' -o -name 'libbz2.so.*'); do
        mount --bind /dev/null "$library"
      done
      exec ${BINARY} ${store.options.join(' ')} import --quiet ${root} bare-${kind}`
    const { status, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    expect(await store.merged(`bare-${kind}`, 'cat x')).toBe(`bare ${kind}`)
  })
})

test('a layer that is compressed on its own is kept as it came', async () => {
  const { gzipSync } = await import('node:zlib')
  const { ociFiles, packed, digestOf } = await import('./archives')
  const plain = tar({ name: 'inside', data: 'gzip' })
  const layer = gzipSync(plain)
  const { files, manifest } = ociFiles(
    { layers: [layer], diffIds: [digestOf(plain)], tags: ['own:1'] },
    'tar+gzip',
  )
  await store.ok('load', '--quiet', '--input', store.file('own.tar', packed(files)))
  expect(await store.ok('image', 'inspect', '--format', '{{.Digest}}', 'own:1')).toBe(manifest)
  expect(await store.merged('own:1', 'cat inside')).toBe('gzip')
})
