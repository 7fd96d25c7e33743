import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { END, entry, longName, pax, type RawEntry, tar } from '../../unit/image/make-tar'
import { BINARY } from '../harness/command'
import { configOf, digestOf, dockerArchive, idOf, ociFiles, packed } from './archives'
import { useEmptyStore } from './empty-store'

const store = useEmptyStore()
const outside = () => join(store.folder, 'outside')
const secret = () => join(outside(), 'secret')

beforeAll(() => {
  mkdirSync(outside())
  writeFileSync(secret(), 'untouched')
})

// Whatever was tried: nothing of it is there, and nothing outside has changed.
afterEach(async () => {
  expect(await store.ok('images', '--all', '--quiet')).toBe('')
  expect(store.leftovers()).toEqual([])
  expect(readFileSync(secret(), 'utf8')).toBe('untouched')
  expect(existsSync(join(outside(), 'new'))).toBe(false)
  expect(existsSync(join(store.root, 'layers/escaped'))).toBe(false)
})

const oneLine = (stderr: string) => {
  expect(stderr).toMatch(/^Error: [^\n]+$/)
  return stderr
}

describe('an archive of a root is refused', () => {
  const link = (name: string, linkName: string): RawEntry => ({ name, flag: '2', linkName })
  const hard = (name: string, linkName: string): RawEntry => ({ name, flag: '1', linkName })

  test.for([
    ['that leads out by its names', () => tar({ name: '../../escaped', data: 'x' }), /leads out of its root/],
    [
      'that leads out further in',
      () => tar({ name: 'a/../../../escaped', data: 'x' }),
      /leads out of its root/,
    ],
    [
      'that writes through an absolute link',
      () => tar(link('l', outside()), { name: 'l/new', data: 'x' }),
      /is a link that leads nowhere/,
    ],
    [
      'that writes through a link upwards',
      () =>
        tar(
          link('l', '../../../../../../../..'),
          { name: `l${outside()}/sub/../new/x`, data: 'x' },
          { name: '../x' },
        ),
      /leads out/,
    ],
    [
      'that puts a link in place of its own folder, then writes into it',
      () =>
        tar({ name: 'd', flag: '5' }, { name: 'd/x' }, link('d', outside()), { name: 'd/new', data: 'x' }),
      /is a link that leads nowhere/,
    ],
    [
      'that links to a file of the host',
      () => tar(hard('h', secret()), { name: 'h', data: 'x' }),
      /which is not there/,
    ],
    [
      'that links to a file of the host through a link',
      () => tar(link('l', outside()), hard('h', 'l/secret')),
      /which is not there/,
    ],
    [
      'that links upwards',
      () => tar(hard('h', `../../../../../..${secret()}`)),
      /which leads out of its root/,
    ],
    [
      'that links to a folder',
      () => tar({ name: 'd', flag: '5' }, hard('h', 'd')),
      /operation not permitted/,
    ],
    ['whose links go round', () => tar(link('a', 'b'), link('b', 'a'), { name: 'a/x' }), /is no folder/],
    ['that takes a file for a folder', () => tar({ name: 'f', data: 'x' }, { name: 'f/x' }), /is no folder/],
    [
      'that is cut',
      () => tar({ name: 'f', data: 'x'.repeat(5000) }).subarray(0, 3000),
      /it ends in the middle/,
    ],
    [
      'that is cut and compressed',
      () => gzipSync(tar({ name: 'f', data: 'x'.repeat(5000) })).subarray(0, 60),
      /gzip data is garbled/,
    ],
    [
      'whose sum is wrong',
      () => tar({ name: 'a' }, entry({ name: 'b', spoil: (h) => void h.write('c') })),
      /wrong checksum/,
    ],
    ['that is none', () => Buffer.from('#!/bin/sh\n'.repeat(200)), /it is no tar archive/],
    ['that is empty', () => Buffer.alloc(0), /archive is empty/],
    [
      'with a name of too many folders',
      () => tar(longName('d/'.repeat(2500)), { name: 'x' }),
      /file name too long/,
    ],
    [
      'with a name too long for the disk',
      () => tar(longName('n'.repeat(300)), { name: 'x' }),
      /file name too long/,
    ],
    ['with a NUL in a name', () => tar(pax(['path', 'a\0b']), { name: 'x' }), /NUL/],
    ['with an entry of no known kind', () => tar({ name: 'q', flag: 'Q' }), /unknown kind/],
    [
      'with an owner beyond all ids',
      () => tar(pax(['uid', '4294967296']), { name: 'x' }),
      /invalid argument/,
    ],
    [
      'with a file larger than the disk',
      () =>
        Buffer.concat([
          entry({ name: 'big', size: Buffer.from('80000000000fffffffffffff', 'hex') }),
          Buffer.alloc(4096),
        ]),
      /unpack "big".*no space left on device/,
    ],
    [
      'with a hole larger than any disk',
      () => tar(pax(['GNU.sparse.size', `${2 ** 52}`], ['GNU.sparse.map', '']), { name: 's' }),
      /file too large|invalid argument|out of range/,
    ],
    [
      'with an extended header without end',
      () => Buffer.concat([entry({ name: 'x', flag: 'x', size: 0o77777777777 }), END]),
      /too large/,
    ],
  ] as [string, () => Buffer, RegExp][])('%s', async ([, make, message]) => {
    const path = store.file('hostile.tar', make())
    expect(oneLine(await store.fails(125, 'import', '--quiet', path, 'hostile'))).toMatch(message)
  })
})

describe('an image archive is refused', () => {
  const layer = tar({ name: 'file', data: 'content' })
  const other = tar({ name: 'file', data: 'something else' })
  const image = { layers: [layer], tags: ['bad:1'] }

  const spoiltOci = (spoil: (files: Map<string, Buffer>) => void) => {
    const { files } = ociFiles(image)
    spoil(files)
    return packed(files)
  }
  const blob = (bytes: Buffer) => `blobs/sha256/${digestOf(bytes).slice(7)}`

  test.for([
    [
      'that is none',
      () => tar({ name: 'etc/passwd', data: 'x' }),
      /payload does not match any of the supported image formats/,
    ],
    ['that is no tar archive', () => Buffer.from('hello'.repeat(200)), /payload does not match any/],
    ['without an image', () => dockerArchive([], () => []), /archive holds no image/],
    ['whose list is garbled', () => dockerArchive([image], () => 'x'), /manifest.json is damaged/],
    [
      'whose layer has another digest',
      () => dockerArchive([{ ...image, diffIds: [digestOf(other)] }]),
      /is damaged: its digest is sha256:\w+, not sha256:\w+/,
    ],
    [
      'with fewer layers than it says',
      () => dockerArchive([{ ...image, diffIds: [digestOf(layer), digestOf(other)] }]),
      /names 2 layers, and it has 1/,
    ],
    [
      'whose layer is missing',
      () => dockerArchive([image], ([one]) => [{ ...one, Layers: ['gone.tar'] }]),
      /"gone.tar" is missing/,
    ],
    [
      'whose configuration is a file of the host',
      () => dockerArchive([image], ([one]) => [{ ...one, Config: '/etc/passwd' }]),
      /"\/etc\/passwd" is missing/,
    ],
    [
      'whose layer leads out',
      () => dockerArchive([image], ([one]) => [{ ...one, Layers: ['../../../../etc/passwd'] }]),
      /is missing/,
    ],
    [
      'whose layer is a link to the host',
      () =>
        Buffer.concat([
          entry({ name: 'l.tar', flag: '2', linkName: '/etc/passwd' }),
          dockerArchive([image], ([one]) => [{ ...one, Layers: ['l.tar'] }]),
        ]),
      /"l.tar" is missing/,
    ],
    [
      'with a name that is none',
      () => dockerArchive([{ ...image, tags: ['Not A Name'] }]),
      /invalid reference format|must be lowercase/,
    ],
    [
      'whose blob was changed',
      () => spoiltOci((files) => files.set(blob(layer), other)),
      /is damaged: its digest is/,
    ],
    [
      'whose configuration was changed',
      () => spoiltOci((files) => files.set(blob(configOf(image)), Buffer.from('{}'))),
      /is damaged: its digest is/,
    ],
    ['whose blob is missing', () => spoiltOci((files) => files.delete(blob(layer))), /is missing/],
    [
      'whose digest is a path',
      () =>
        spoiltOci((files) =>
          files.set(
            'index.json',
            Buffer.from(
              JSON.stringify({
                schemaVersion: 2,
                manifests: [{ mediaType: 'm', digest: 'sha256:../../../../etc/passwd', size: 1 }],
              }),
            ),
          ),
        ),
      /is no SHA-256 digest/,
    ],
    [
      'whose layer leads out of its root',
      () => dockerArchive([{ layers: [tar({ name: '../../escaped' })] }]),
      /leads out of its root/,
    ],
    [
      'with a good image before a bad one',
      () =>
        dockerArchive([
          { layers: [other], tags: ['good:1'] },
          { ...image, diffIds: [digestOf(other)] },
        ]),
      /its digest is/,
    ],
  ] as [string, () => Buffer, RegExp][])('%s', async ([, make, message]) => {
    const path = store.file('hostile.tar', make())
    expect(oneLine(await store.fails(125, 'load', '--quiet', '--input', path))).toMatch(message)
    const fromPipe = await store.run(['load', '--quiet'], { input: readFileSync(path) })
    expect(fromPipe.exitCode).toBe(125)
    expect(oneLine(fromPipe.stderr)).toMatch(message)
  })
})

describe('a disk that is full', () => {
  test('is named, and nothing is left on it', () => {
    const path = store.file('large.tar', tar({ name: 'large', data: Buffer.alloc(12 << 20, 'x') }))
    const disk = join(store.folder, 'disk')
    mkdirSync(disk)
    const script = `mount -t tmpfs -o size=20m none ${disk}
      ${BINARY} --root ${disk}/root --runroot ${disk}/run import --quiet ${path} large; echo "code $?"
      ${BINARY} --root ${disk}/root --runroot ${disk}/run images --quiet
      ls ${disk}/root/tmp ${disk}/root/layers ${disk}/root/images/blobs/sha256 2>/dev/null | grep -v :$; true`
    const { stdout, stderr } = spawnSync('unshare', ['--mount', 'sh', '-c', script], { encoding: 'utf8' })
    expect(stderr).toMatch(/^Error: .*no space left on device: free some space on that disk and try again\n$/)
    expect(stdout.trim()).toBe('code 125')
  })
})

test('a good archive is still taken after all that', async () => {
  const image = { layers: [tar({ name: 'file', data: 'content' })], tags: ['good:1'] }
  await store.ok('load', '--quiet', '--input', store.file('good.tar', dockerArchive([image])))
  expect(await store.ok('images', '--quiet', '--no-trunc')).toBe(`sha256:${idOf(image)}`)
  await store.ok('rmi', 'good:1')
})
