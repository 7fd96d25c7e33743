import { execFileSync } from 'node:child_process'
import { lstatSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openKernel } from '../../../src/kernel'
import { longName, pax, type RawEntry, tar } from '../../unit/image/make-tar'
import { useEmptyStore } from './empty-store'

const store = useEmptyStore()

const stat = (path: string | Buffer) => {
  const { mode, uid, gid, nlink, ino, rdev } = lstatSync(path)
  return { mode: (mode & 0o7777).toString(8), uid, gid, nlink, ino, rdev }
}

test('modes, owners and times survive, set-user-ID after the change of owner', async () => {
  const root = await store.imported(
    'attributes',
    tar(
      { name: 'd/', flag: '5', mode: 0o1751, uid: 7, gid: 8, mtime: 1_000_000_000 },
      { name: 'd/suid', mode: 0o6755, uid: 1234, gid: 4321, data: 'x', mtime: 1_200_000_000 },
      pax(['uid', '3000000000'], ['mtime', '1700000000.123456789']),
      { name: 'd/far' },
      { name: 'd/old', mtime: 0 },
    ),
  )
  expect(stat(join(root, 'd'))).toMatchObject({ mode: '1751', uid: 7, gid: 8 })
  expect(stat(join(root, 'd/suid'))).toMatchObject({ mode: '6755', uid: 1234, gid: 4321 })
  expect(stat(join(root, 'd/far'))).toMatchObject({ uid: 3_000_000_000 })
  expect(statSync(join(root, 'd/far'), { bigint: true }).mtimeNs).toBe(1_700_000_000_123_456_789n)
  // what was put into the folder afterwards does not count
  expect(statSync(join(root, 'd')).mtimeMs).toBe(1_000_000_000_000)
})

test('the root folder has the attributes that the archive gives it', async () => {
  const root = await store.imported(
    'rooted',
    tar({ name: './', flag: '5', mode: 0o700, uid: 5 }, { name: 'x' }),
  )
  expect(stat(root)).toMatchObject({ mode: '700', uid: 5 })
})

test('links, pipes and devices are what they were', async () => {
  const root = await store.imported(
    'kinds',
    tar(
      { name: 'file', data: 'one' },
      { name: 'hard', flag: '1', linkName: './file' },
      { name: 'soft', flag: '2', linkName: '/absolute/../target' },
      { name: 'hardsoft', flag: '1', linkName: 'soft' },
      { name: 'pipe', flag: '6', mode: 0o620 },
      { name: 'null', flag: '3', major: 1, minor: 3, mode: 0o666 },
      { name: 'disk', flag: '4', major: 253, minor: 300, mode: 0o640 },
    ),
  )
  expect(stat(join(root, 'hard')).ino).toBe(stat(join(root, 'file')).ino)
  expect(readlinkSync(join(root, 'soft'))).toBe('/absolute/../target')
  expect(stat(join(root, 'hardsoft')).ino).toBe(stat(join(root, 'soft')).ino)
  const listed = execFileSync('stat', ['-c', '%n %F %t %T %a', 'pipe', 'null', 'disk'], {
    cwd: root,
    encoding: 'utf8',
  })
  expect(listed.trim().split('\n')).toEqual([
    'pipe fifo 0 0 620',
    'null character special file 1 3 666',
    'disk block special file fd 12c 640',
  ])
})

test('binary attributes survive, those of overlayfs do not', async () => {
  const capability = Buffer.from('0100000200200000c0ff00000000000000000000', 'hex')
  const root = await store.imported(
    'xattrs',
    tar(
      pax(
        ['SCHILY.xattr.security.capability', capability],
        ['SCHILY.xattr.user.note', Buffer.from([0, 0xff, 0x0a])],
        ['SCHILY.xattr.trusted.overlay.redirect', '/elsewhere'],
        ['SCHILY.xattr.user.overlay.opaque', 'y'],
      ),
      { name: 'ping', uid: 3, data: 'x' },
      pax(['SCHILY.xattr.trusted.overlay.opaque', 'y']),
      { name: 'd', flag: '5', mode: 0o755 },
    ),
  )
  const kernel = openKernel()
  const read = (path: string) =>
    new Map(kernel.llistxattr(path).map((name) => [name, kernel.lgetxattr(path, name)?.toString('hex')]))
  expect(read(join(root, 'ping'))).toEqual(
    new Map([
      ['security.capability', capability.toString('hex')],
      ['user.note', '00ff0a'],
    ]),
  )
  expect(read(join(root, 'd'))).toEqual(new Map())
})

test('long names, and names that are no text, survive', async () => {
  const deep = 'long-folder-name/'.repeat(20).concat('leaf')
  const strange = Buffer.from([0x66, 0xff, 0xfe, 0x0a, 0x1b])
  const root = await store.imported(
    'names',
    tar(
      longName(deep),
      { name: 'x', data: 'deep' },
      { name: strange, data: 'strange' },
      { name: 'é/ü', data: 'utf8' },
    ),
  )
  expect(readFileSync(join(root, deep), 'utf8')).toBe('deep')
  expect(readFileSync(Buffer.concat([Buffer.from(`${root}/`), strange]), 'utf8')).toBe('strange')
})

test('sparse files keep their holes', async () => {
  const size = 1 << 30
  const root = await store.imported(
    'sparse',
    tar(pax(['GNU.sparse.size', `${size}`], ['GNU.sparse.map', `${size - 4096},4096`]), {
      name: 'disk.img',
      data: Buffer.alloc(4096, 'e'),
    }),
  )
  const status = statSync(join(root, 'disk.img'))
  expect(status.size).toBe(size)
  expect(status.blocks * 512).toBeLessThan(1 << 20)
})

test('folders that the archive leaves out are made', async () => {
  const root = await store.imported('implied', tar({ name: 'a/b/c', data: 'x' }))
  expect(stat(join(root, 'a/b'))).toMatchObject({ mode: '755', uid: 0 })
})

test('a later entry replaces an earlier one, of whatever kind', async () => {
  const pairs: [string, RawEntry[]][] = [
    [
      'file',
      [
        { name: 'file', data: 'old' },
        { name: 'file', data: 'new' },
      ],
    ],
    [
      'folder',
      [
        { name: 'folder/inside', data: 'x' },
        { name: 'folder', data: 'new' },
      ],
    ],
    [
      'linked',
      [
        { name: 'target', data: 'kept' },
        { name: 'linked', flag: '2', linkName: 'target' },
        { name: 'linked', data: 'new' },
      ],
    ],
    [
      'twin',
      [
        { name: 'first', data: 'kept' },
        { name: 'twin', flag: '1', linkName: 'first' },
        { name: 'twin', data: 'new' },
      ],
    ],
  ]
  const root = await store.imported('replaced', tar(...pairs.flatMap(([, entries]) => entries)))
  for (const [name] of pairs) expect(readFileSync(join(root, name), 'utf8')).toBe('new')
  for (const name of ['target', 'first']) expect(readFileSync(join(root, name), 'utf8')).toBe('kept')
})

test('a folder that comes twice keeps what is in it, and takes the later attributes', async () => {
  const root = await store.imported(
    'twice',
    tar(
      { name: 'd', flag: '5', mode: 0o700 },
      { name: 'd/x', data: '1' },
      { name: 'd', flag: '5', mode: 0o711, uid: 9 },
    ),
  )
  expect(stat(join(root, 'd'))).toMatchObject({ mode: '711', uid: 9 })
  expect(readFileSync(join(root, 'd/x'), 'utf8')).toBe('1')
})

test('a link to a folder of the archive is followed inside it', async () => {
  const root = await store.imported(
    'usrmerge',
    tar(
      { name: 'usr/lib', flag: '5', mode: 0o755 },
      { name: 'lib', flag: '2', linkName: '/usr/lib' },
      { name: 'lib/libx.so', data: 'x' },
      { name: 'again', flag: '1', linkName: 'lib/libx.so' },
    ),
  )
  expect(readFileSync(join(root, 'usr/lib/libx.so'), 'utf8')).toBe('x')
  expect(stat(join(root, 'again')).nlink).toBe(2)
})
