import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Compression, detectCompression, openDecompressor } from '../../../src/image/archive/compression'
import { type Kernel, openKernel } from '../../../src/kernel'

const fixture = (name: string) =>
  readFileSync(fileURLToPath(new URL(`../../fixtures/image/${name}`, import.meta.url)))

const text = Buffer.from(
  Array.from({ length: 20_000 }, (_, index) => `line ${index} of a text that compresses well\n`).join(''),
)
const packed: [Compression, Buffer][] = [
  ['gzip', gzipSync(text)],
  ['zstd', fixture('text.zst')],
  ['xz', fixture('text.xz')],
  ['bzip2', fixture('text.bz2')],
]

const kernel = openKernel()
/** A host without the shared libraries, where JavaScript does the work. */
const poor = { ...kernel, raw: { ...kernel.raw, libc: () => () => 0 } } as unknown as Kernel

const unpack = async (
  host: Kernel,
  kind: Compression,
  bytes: Buffer,
  piece = bytes.length,
): Promise<Buffer> => {
  const parts: Buffer[] = []
  const codec = await openDecompressor(host, kind, (chunk) => void parts.push(Buffer.from(chunk)))
  try {
    for (let at = 0; at < bytes.length; at += piece) {
      const chunk = Buffer.from(bytes.subarray(at, at + piece))
      await codec.push(chunk)
      chunk.fill(0)
    }
    await codec.finish()
  } finally {
    codec.close()
  }
  return Buffer.concat(parts)
}

describe.for([
  ["the host's libraries", kernel],
  ['JavaScript', poor],
] as const)('with %s', ([, host]) => {
  it.for(packed)('%s is unpacked, in pieces of any size', { timeout: 60_000 }, async ([kind, bytes]) => {
    expect(detectCompression(bytes)).toBe(kind)
    for (const piece of [bytes.length, 1000, 7])
      expect((await unpack(host, kind, bytes, piece)).equals(text)).toBe(true)
  })

  it.for(packed)('%s that was cut is an error', async ([kind, bytes]) => {
    for (const length of [bytes.length - 1, bytes.length >> 1, 20])
      await expect(unpack(host, kind, bytes.subarray(0, length)), `${length}`).rejects.toThrow(
        `its ${kind} data is garbled or cut short`,
      )
  })

  it.for(packed)('%s that was spoilt is an error', async ([kind, bytes]) => {
    const spoilt = Buffer.from(bytes)
    spoilt.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 64)
    await expect(unpack(host, kind, spoilt)).rejects.toThrow('is garbled or cut short')
  })

  it.for(packed)('%s of several streams is one file', async ([kind, bytes]) => {
    expect((await unpack(host, kind, Buffer.concat([bytes, bytes]))).length).toBe(2 * text.length)
  })
})

it.for(packed)('an error of what takes the bytes is passed on (%s)', async ([kind, bytes]) => {
  const codec = await openDecompressor(kernel, kind, () => {
    throw new Error('disk full')
  })
  const feed = async () => {
    await codec.push(bytes)
    await codec.finish()
  }
  await expect(feed()).rejects.toThrow('disk full')
  codec.close()
})

it('plain bytes pass as they are', async () => {
  expect(detectCompression(Buffer.from('hello'))).toBe('none')
  expect((await unpack(kernel, 'none', text, 999)).equals(text)).toBe(true)
})
