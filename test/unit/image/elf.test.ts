import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readElf, readShebang } from '../../../src/image/host/elf'
import { parseLdCache } from '../../../src/image/host/ld-cache'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-elf-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = (bytes: Buffer | string): string => {
  const path = join(folder, `${Math.random()}`)
  writeFileSync(path, bytes)
  return path
}

/** A program with an interpreter and a dynamic section, as small as it can be. */
const elf = (wide: boolean, little: boolean, dynamic: [number, string][], interpreter?: string): Buffer => {
  const bytes = Buffer.alloc(4096)
  const u16 = (value: number, at: number) =>
    little ? bytes.writeUInt16LE(value, at) : bytes.writeUInt16BE(value, at)
  const u32 = (value: number, at: number) =>
    little ? bytes.writeUInt32LE(value, at) : bytes.writeUInt32BE(value, at)
  const word = (value: number, at: number) => {
    if (!wide) return u32(value, at)
    return little ? bytes.writeBigUInt64LE(BigInt(value), at) : bytes.writeBigUInt64BE(BigInt(value), at)
  }
  const BASE = 0x400000
  const [headers, strings, table, width, size] = [64, 1024, 2048, wide ? 8 : 4, wide ? 56 : 32]
  bytes.write('\x7fELF', 0, 'latin1')
  bytes[4] = wide ? 2 : 1
  bytes[5] = little ? 1 : 2
  u16(62, 18)
  word(headers, wide ? 32 : 28)
  u16(size, wide ? 54 : 42)
  u16(3, wide ? 56 : 44)
  const segment = (index: number, type: number, offset: number, length: number) => {
    const at = headers + index * size
    u32(type, at)
    word(offset, at + (wide ? 8 : 4))
    word(BASE + offset, at + (wide ? 16 : 8))
    word(length, at + (wide ? 32 : 16))
  }
  let end = strings + 1
  const put = (text: string) => {
    const at = end
    end += bytes.write(`${text}\0`, at, 'latin1')
    return at
  }
  const entries: [number, number][] = dynamic.map(([tag, text]) => [tag, put(text) - strings])
  entries.push([5, BASE + strings], [0, 0])
  entries.forEach(([tag, value], index) => {
    word(tag, table + index * 2 * width)
    word(value, table + (index * 2 + 1) * width)
  })
  const interp = interpreter === undefined ? 0 : put(interpreter)
  segment(0, 1, 0, 4096)
  segment(1, 2, table, entries.length * 2 * width)
  segment(2, interpreter === undefined ? 0 : 3, interp, (interpreter?.length ?? 0) + 1)
  return bytes
}

describe('a program', () => {
  it.for([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ] as const)('names what it loads (64 bits: %s, little end first: %s)', ([wide, little]) => {
    const dynamic: [number, string][] = [
      [1, 'liba.so.1'],
      [1, 'libb.so'],
      [15, '/old:/older'],
      [29, '$ORIGIN/../lib'],
    ]
    expect(readElf(file(elf(wide, little, dynamic, '/lib/ld.so')))).toEqual({
      bits: wide ? 64 : 32,
      machine: 62,
      interpreter: '/lib/ld.so',
      needed: ['liba.so.1', 'libb.so'],
      rpath: ['/old', '/older'],
      runpath: ['$ORIGIN/../lib'],
    })
  })

  it('that is static names nothing', () => {
    expect(readElf(file(elf(true, true, [])))).toMatchObject({ needed: [] })
    expect(readElf(file(elf(true, true, [])))).not.toHaveProperty('interpreter')
  })

  it('of this host has an interpreter and libraries', () => {
    const node = readElf(process.execPath)
    expect(node?.needed.some((name) => /^libc\./.test(name))).toBe(true)
    expect(node?.interpreter).toMatch(/^\/.*ld-/)
  })

  it('that is none, or is garbled, is no crash', () => {
    expect(readElf(file('#!/bin/sh\n'))).toBeUndefined()
    expect(readElf(file(''))).toBeUndefined()
    const garbled = elf(true, true, [[1, 'liba.so']])
    garbled.fill(0xff, 64, 300)
    expect(readElf(file(garbled))).toMatchObject({ needed: [] })
    const beyond = elf(true, true, [[1, 'liba.so']])
    beyond.fill(0xff, 32, 40)
    expect(readElf(file(beyond))).toBeUndefined()
  })
})

it('a script names its interpreter', () => {
  expect(readShebang(file('#! /usr/bin/env python3 -u\nx'))).toEqual(['/usr/bin/env', 'python3', '-u'])
  expect(readShebang(file('\x7fELF'))).toBeUndefined()
})

describe("glibc's cache", () => {
  const cache = (entries: [string, string][]): Buffer => {
    const strings = entries.flat()
    const head = Buffer.alloc(48 + entries.length * 24)
    head.write('glibc-ld.so.cache1.1')
    head.writeUInt32LE(entries.length, 20)
    let at = head.length
    strings.forEach((text, index) => {
      head.writeUInt32LE(at, 48 + Math.floor(index / 2) * 24 + 4 + (index % 2) * 4)
      at += text.length + 1
    })
    return Buffer.concat([head, Buffer.from(`${strings.join('\0')}\0`)])
  }

  it('says where libraries are, best first', () => {
    const entries: [string, string][] = [
      ['liba.so.1', '/opt/liba.so.1'],
      ['liba.so.1', '/usr/lib/liba.so.1'],
      ['libb.so', '/usr/lib/libb.so'],
    ]
    const expected = new Map([
      ['liba.so.1', ['/opt/liba.so.1', '/usr/lib/liba.so.1']],
      ['libb.so', ['/usr/lib/libb.so']],
    ])
    expect(parseLdCache(cache(entries))).toEqual(expected)
    expect(parseLdCache(Buffer.concat([Buffer.from('ld.so-1.7.0\0old part'), cache(entries)]))).toEqual(
      expected,
    )
  })

  it('that is something else is empty', () => {
    expect(parseLdCache(Buffer.from('nothing'))).toEqual(new Map())
  })
})
