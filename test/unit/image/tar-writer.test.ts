import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { extract, type Header } from 'tar-stream'
import { describe, expect, it } from 'vitest'
import { type TarOutput, tarEnd, tarHeader, tarPadding } from '../../../src/image/archive/tar-writer'
import { readAll } from './read-tar'

const write = (output: TarOutput, data = Buffer.alloc(0)): Buffer =>
  Buffer.concat([tarHeader({ ...output, size: data.length }), data, tarPadding(data.length), tarEnd()])

const byTarStream = async (archive: Buffer): Promise<{ header: Header; data: Buffer }[]> => {
  const found: { header: Header; data: Buffer }[] = []
  const stream = extract()
  stream.end(archive)
  for await (const one of stream) found.push({ header: one.header, data: await buffer(one) })
  return found
}

const bytes = fc
  .uint8Array({ minLength: 1, maxLength: 250 })
  .map((raw) =>
    [...raw].map((byte) => String.fromCharCode(byte === 0 || byte === 0x2f ? 0x78 : byte)).join(''),
  )

describe('what is written', () => {
  it('is read back the same', () => {
    fc.assert(
      fc.property(
        bytes,
        fc.integer({ min: 0, max: 0o7777 }),
        fc.nat({ max: 0xffff_fffe }),
        fc.integer({ min: 0, max: 2 ** 35 }),
        fc.uint8Array({ maxLength: 1200 }),
        fc.uint8Array({ maxLength: 40 }),
        (name, mode, uid, seconds, data, value) => {
          const xattrs = new Map([['security.capability', Buffer.from(value)]])
          const output = { name, type: 'file', mode, uid, gid: uid, seconds, xattrs } as const
          const [read] = readAll(write(output, Buffer.from(data)))
          expect(read).toMatchObject({ name, type: 'file', mode, uid, gid: uid })
          expect(read?.content.equals(Buffer.from(data))).toBe(true)
          expect(read?.xattrs).toEqual(xattrs)
          if (seconds < 8 ** 11) expect(read?.seconds).toBe(seconds)
        },
      ),
    )
  })

  it('is what tar-stream reads too', async () => {
    const name = `${'deep/'.repeat(60)}file`
    const archive = write({ name, type: 'file', mode: 0o4755, uid: 3_000_000 }, Buffer.from('hello'))
    expect(await byTarStream(archive)).toMatchObject([
      { header: { name, mode: 0o4755, type: 'file', pax: { uid: '3000000' } }, data: Buffer.from('hello') },
    ])
    const link = write({ name: 'l', type: 'symlink', mode: 0o777, linkName: 'x'.repeat(200) })
    expect(await byTarStream(link)).toMatchObject([
      { header: { type: 'symlink', linkname: 'x'.repeat(200) } },
    ])
    const folder = write({ name: 'd', type: 'directory', mode: 0o1777 })
    expect(await byTarStream(folder)).toMatchObject([
      { header: { name: 'd/', type: 'directory', mode: 0o1777 } },
    ])
  })

  it('says sizes that octal digits do not hold', () => {
    const size = 2 ** 40
    const headers = tarHeader({ name: 'huge', type: 'file', mode: 0o600, size })
    expect(headers.includes(`size=${size}\n`)).toBe(true)
  })
})
