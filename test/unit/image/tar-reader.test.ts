import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { pack } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { END, entry, longName, pax, type RawEntry, tar } from './make-tar'
import { readAll } from './read-tar'

const names = (archive: Buffer) => readAll(archive).map(({ name }) => name)
const only = (archive: Buffer) => {
  const entries = readAll(archive)
  expect(entries).toHaveLength(1)
  return entries[0]!
}

describe('names', () => {
  it('come from the header, its prefix, a GNU long name or a PAX record, the last of these winning', () => {
    expect(names(tar({ name: 'plain' }))).toEqual(['plain'])
    expect(names(tar({ name: 'leaf', prefix: 'a/b' }))).toEqual(['a/b/leaf'])
    expect(names(tar(longName('long'.repeat(100)), { name: 'short' }))).toEqual(['long'.repeat(100)])
    expect(names(tar(longName('gnu'), pax(['path', 'pax']), { name: 'short' }))).toEqual(['pax'])
  })

  it('of GNU archives have no prefix: those bytes are times there', () => {
    expect(names(tar({ name: 'x', magic: 'gnu', prefix: '14000000000' }))).toEqual(['x'])
  })

  it('keep bytes that are no UTF-8', () => {
    expect(names(tar({ name: Buffer.from([0x66, 0xff, 0xe9]) }))).toEqual(['f\xff\xe9'])
    expect(names(tar(pax(['path', Buffer.from([0xc0, 0xaf])]), {}))).toEqual(['\xc0\xaf'])
    expect(names(tar(longName('\xff\xfe'), {}))).toEqual(['\xff\xfe'])
  })

  it('belong to the next entry alone', () => {
    expect(names(tar(pax(['path', 'first']), { name: 'a' }, { name: 'b' }))).toEqual(['first', 'b'])
  })

  it('with a NUL inside are refused', () => {
    expect(() => names(tar(pax(['path', 'a\0b']), {}))).toThrow('NUL')
  })

  it('of links come the same ways', () => {
    expect(only(tar({ flag: '2', name: 'l', linkName: 'to' })).linkName).toBe('to')
    expect(only(tar(longName('far', 'K'), { flag: '2', name: 'l', linkName: 'x' })).linkName).toBe('far')
    expect(only(tar(pax(['linkpath', 'pax']), { flag: '1', name: 'l', linkName: 'x' })).linkName).toBe('pax')
  })
})

describe('kinds', () => {
  it.for([
    ['0', 'file'],
    ['\0', 'file'],
    ['7', 'file'],
    ['1', 'link'],
    ['2', 'symlink'],
    ['3', 'character'],
    ['4', 'block'],
    ['5', 'directory'],
    ['6', 'fifo'],
  ] as const)('%s is a %s', ([flag, type]) => {
    expect(only(tar({ name: 'x', flag })).type).toBe(type)
  })

  it('make a folder of a file whose name ends in a slash, as old programs wrote them', () => {
    expect(only(tar({ name: 'd/' })).type).toBe('directory')
  })

  it('that nobody knows are refused by name', () => {
    expect(() => names(tar({ name: 'odd', flag: 'Q' }))).toThrow(/"odd" is of an unknown kind \("Q"\)/)
  })

  it('of labels and global headers are passed over', () => {
    const global = entry({ flag: 'g', name: 'g', data: '20 path=everything\n' })
    expect(names(tar(global, { flag: 'V', name: 'label' }, { name: 'x' }))).toEqual(['x'])
  })

  it('without data may have a size, which is not skipped', () => {
    expect(names(tar({ flag: '1', name: 'l', linkName: 'a', size: 5000 }, { name: 'next' }))).toEqual([
      'l',
      'next',
    ])
  })
})

describe('numbers', () => {
  it('may be binary, for ids and sizes that octal digits do not hold', () => {
    const uid = Buffer.from([0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xfe])
    expect(only(tar({ name: 'x', uid })).uid).toBe(0xffff_fffe)
  })

  it('may be times before 1970', () => {
    const mtime = Buffer.alloc(12, 0xff)
    mtime[11] = 0xf6
    expect(only(tar({ name: 'x', mtime })).seconds).toBe(-10)
    expect(only(tar(pax(['mtime', '-1.25']), { name: 'x' }))).toMatchObject({
      seconds: -2,
      nanoseconds: 750_000_000,
    })
  })

  it('of a PAX record win, to the nanosecond', () => {
    const read = only(
      tar(pax(['uid', '4000000000'], ['gid', '77'], ['mtime', '1700000000.123456789']), {
        name: 'x',
        uid: 1,
      }),
    )
    expect(read).toMatchObject({
      uid: 4_000_000_000,
      gid: 77,
      seconds: 1_700_000_000,
      nanoseconds: 123_456_789,
    })
  })

  it.for([
    ['letters', { size: Buffer.from('12x4') }],
    ['more than can be counted', { size: Buffer.alloc(12, 0x7f).fill(0x80, 0, 1) }],
    ['a negative size', { size: Buffer.alloc(12, 0xff) }],
  ] as [string, RawEntry][])('that are %s are refused', ([, raw]) => {
    expect(() => names(tar({ name: 'good' }, { name: 'x', ...raw }))).toThrow(/archive is damaged/)
  })

  it('of a device are read for devices alone, as others leave rubbish there', () => {
    expect(only(tar({ name: 'd', flag: '3', major: 5, minor: 1 }))).toMatchObject({ major: 5, minor: 1 })
    const rubbish = (header: Buffer) => void header.fill(0x7a, 329, 345)
    expect(only(tar({ name: 'f', patch: rubbish }))).toMatchObject({ type: 'file', major: 0 })
  })
})

describe('attributes', () => {
  it('are bytes', () => {
    const value = Buffer.from([1, 0, 0, 2, 0, 0x0a, 0xc0, 0xff, 0x3d])
    const { xattrs } = only(
      tar(pax(['SCHILY.xattr.security.capability', value], ['comment', 'x']), { name: 'x' }),
    )
    expect([...xattrs]).toEqual([['security.capability', value]])
  })

  it('of libarchive are decoded', () => {
    const { xattrs } = only(
      tar(pax(['LIBARCHIVE.xattr.user.a%20b', Buffer.from([0, 255]).toString('base64')]), { name: 'x' }),
    )
    expect([...xattrs]).toEqual([['user.a b', Buffer.from([0, 255])]])
  })
})

describe('sparse files', () => {
  const map = [
    [1000, 3],
    [5000, 2],
  ] as const
  const expected = Buffer.alloc(6000)
  expected.write('abc', 1000)
  expected.write('de', 5000)

  const oldHeader = (segments: readonly (readonly [number, number])[], more: boolean) => (header: Buffer) => {
    segments.slice(0, 4).forEach(([offset, length], index) => {
      header.write(offset.toString(8).padStart(11, '0'), 386 + index * 24)
      header.write(length.toString(8).padStart(11, '0'), 398 + index * 24)
    })
    header[482] = more ? 1 : 0
    header.write((6000).toString(8).padStart(11, '0'), 483)
  }

  it.for([
    ['GNU', tar({ name: 's', flag: 'S', magic: 'gnu', data: 'abcde', patch: oldHeader(map, false) })],
    [
      'PAX 0.0',
      tar(
        pax(
          ['GNU.sparse.size', '6000'],
          ['GNU.sparse.numblocks', '2'],
          ...map.flatMap(([offset, length]): [string, string][] => [
            ['GNU.sparse.offset', `${offset}`],
            ['GNU.sparse.numbytes', `${length}`],
          ]),
        ),
        { name: 's', data: 'abcde' },
      ),
    ],
    [
      'PAX 0.1',
      tar(pax(['GNU.sparse.size', '6000'], ['GNU.sparse.name', 's'], ['GNU.sparse.map', '1000,3,5000,2']), {
        name: 'GNUSparseFile.1/s',
        data: 'abcde',
      }),
    ],
    [
      'PAX 1.0',
      tar(
        pax(
          ['GNU.sparse.major', '1'],
          ['GNU.sparse.minor', '0'],
          ['GNU.sparse.name', 's'],
          ['GNU.sparse.realsize', '6000'],
        ),
        {
          name: 'GNUSparseFile.1/s',
          data: Buffer.concat([Buffer.from('2\n1000\n3\n5000\n2\n'.padEnd(512, '\0')), Buffer.from('abcde')]),
        },
      ),
    ],
  ] as [string, Buffer][])('in the form of %s', ([, archive]) => {
    const read = only(archive)
    expect(read).toMatchObject({ name: 's', type: 'file', sparse: { size: 6000 } })
    expect(read.content.equals(expected)).toBe(true)
  })

  it('may have more parts than a header holds', () => {
    const parts = Array.from({ length: 30 }, (_, index) => [index * 100, 1] as const)
    const extra = (from: number, more: boolean) => {
      const block = Buffer.alloc(512)
      parts.slice(from, from + 21).forEach(([offset, length], index) => {
        block.write(offset.toString(8).padStart(11, '0'), index * 24)
        block.write(length.toString(8).padStart(11, '0'), 12 + index * 24)
      })
      block[504] = more ? 1 : 0
      return block
    }
    const header = entry({ name: 's', flag: 'S', magic: 'gnu', size: 30, patch: oldHeader(parts, true) })
    const data = Buffer.alloc(512).fill('x', 0, 30)
    const archive = Buffer.concat([header, extra(4, true), extra(25, false), data, END])
    const { content } = only(archive)
    expect([...content].flatMap((byte, at) => (byte ? [at] : []))).toEqual(parts.map(([offset]) => offset))
  })

  it('that are one hole have no data', () => {
    const read = only(tar(pax(['GNU.sparse.size', '4096'], ['GNU.sparse.map', '']), { name: 's' }))
    expect(read).toMatchObject({ size: 0, sparse: { size: 4096, segments: [] } })
  })

  it.for([
    ['overlap', '0,10,5,10', 20],
    ['lie outside', '5990,20', 20],
    ['hold other than the entry does', '0,10', 7],
    ['are garbled', '0,x', 5],
    ['are odd', '0,1,2', 3],
  ] as const)('whose parts %s are refused', ([, list, size]) => {
    const archive = tar(pax(['GNU.sparse.size', '6000'], ['GNU.sparse.map', list]), {
      name: 's',
      data: Buffer.alloc(size),
    })
    expect(() => readAll(archive)).toThrow(/sparse/)
  })
})

describe('the end', () => {
  it('is two blocks of zeros, and nothing after them counts', () => {
    expect(names(Buffer.concat([tar({ name: 'a' }), Buffer.from('rubbish')]))).toEqual(['a'])
  })

  it('may be missing at an edge between entries', () => {
    expect(names(entry({ name: 'a', data: 'x' }))).toEqual(['a'])
  })

  it.for([
    ['a header', entry({ name: 'a' }).subarray(0, 300)],
    ['data', entry({ name: 'a', data: 'x'.repeat(2000) }).subarray(0, 1500)],
    ['a long name', Buffer.concat([longName('n'.repeat(600))]).subarray(0, 800)],
    ['what follows a long name', longName('alone')],
  ] as [string, Buffer][])('is an error in the middle of %s', ([, archive]) => {
    expect(() => readAll(Buffer.concat([entry({ name: 'first' }), archive]))).toThrow(/ends in the middle/)
  })

  it('of something else altogether says that it is no archive', () => {
    expect(() => readAll(Buffer.from('#!/bin/sh\necho hello\n'.repeat(100)))).toThrow('it is no tar archive')
    expect(() => readAll(Buffer.from('short'))).toThrow('it is no tar archive')
  })

  it('comes early where a header is spoilt', () => {
    const spoilt = entry({ name: 'b', spoil: (header) => void header.write('c') })
    expect(() => readAll(tar({ name: 'a' }, spoilt))).toThrow(/wrong checksum/)
  })

  it('is not reached where an extended header claims to be huge', () => {
    expect(() => readAll(tar({ name: 'a' }, { flag: 'x', size: 0o77777777777 }))).toThrow(/too large/)
  })
})

describe('any archive', () => {
  const anyName = fc
    .string({ minLength: 1, maxLength: 300, unit: 'binary' })
    .map((name) => name.replaceAll('\0', '_'))
  const anyEntry = fc.record({
    name: anyName,
    mode: fc.integer({ min: 1, max: 0o7777 }),
    data: fc.uint8Array({ maxLength: 1500 }),
  })

  it('reads as tar-stream wrote it, in whatever pieces it comes', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyEntry, { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 1200 }), { minLength: 1, maxLength: 5 }),
        async (written, pieces) => {
          const stream = pack()
          for (const { name, mode, data } of written)
            stream.entry({ name: `f${name}`, mode }, Buffer.from(data))
          stream.finalize()
          const archive = await buffer(Readable.from(stream))
          const read = readAll(archive, pieces)
          expect(read.map(({ name, mode, content }) => ({ name, mode, data: [...content] }))).toEqual(
            written.map(({ name, mode, data }) => ({
              name: Buffer.from(`f${name}`).toString('latin1'),
              mode,
              data: [...data],
            })),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('that is rubbish ends in an error of ours, never in another', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 512, maxLength: 4096 }),
        fc.integer({ min: 0, max: 511 }),
        (noise, at) => {
          const archive = Buffer.concat([
            tar(pax(['path', 'p']), { name: 'a', data: 'x'.repeat(700) }),
            Buffer.alloc(512),
          ])
          Buffer.from(noise).copy(archive, at * 3)
          try {
            readAll(archive)
          } catch (error) {
            expect((error as Error).name).toBe('TspodError')
          }
        },
      ),
      { numRuns: 200 },
    )
  })
})
