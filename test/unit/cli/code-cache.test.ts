import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CacheKey, readCache, type SourceStamp, trustedFolder } from '../../../src/cli/launch/code-cache'
import { writeCache } from '../../../src/cli/launch/code-cache-write'

const body = Buffer.from('compiled code of a command')
const source = { size: 1000, mtimeMs: 5 }
let dist = ''
const key = (purpose = 'pod ps', build = 'b1') => ({ dist, build, purpose })

const read = (of: CacheKey, stamp: SourceStamp) => {
  const trusted = trustedFolder(of)
  return trusted === undefined ? undefined : readCache(trusted, of.purpose, stamp)
}

const folder = (): string => {
  const [name = ''] = readdirSync(join(dist, '.cache'))
  return join(dist, '.cache', name)
}
const file = (): string => join(folder(), 'pod-ps.bin')

beforeEach(() => {
  dist = mkdtempSync(join(tmpdir(), 'tspod-cache-'))
})
afterEach(() => rmSync(dist, { recursive: true }))

describe('code cache', () => {
  it('is given back as it was kept, to the same purpose only', () => {
    writeCache(key(), source, body)
    expect(read(key(), source)).toEqual(body)
    expect(read(key('pod rm'), source)).toBeUndefined()
    expect(read(key('pod ps', 'b2'), source)).toBeUndefined()
  })

  it('is ignored for another source', () => {
    writeCache(key(), source, body)
    expect(read(key(), { ...source, mtimeMs: 6 })).toBeUndefined()
    expect(read(key(), { ...source, size: 1001 })).toBeUndefined()
  })

  it('is ignored if any byte of it changed', () => {
    writeCache(key(), source, body)
    const good = readFileSync(file())
    for (let at = 0; at < good.length; at++) {
      const bad = Buffer.from(good)
      bad[at] = (bad[at] ?? 0) ^ 1
      writeFileSync(file(), bad)
      const found = read(key(), source)
      expect(found === undefined || found.equals(body), `byte ${at}`).toBe(true)
    }
  })

  it('is ignored if it was cut off at any place', () => {
    writeCache(key(), source, body)
    const good = readFileSync(file())
    for (let length = 0; length < good.length; length++) {
      writeFileSync(file(), good.subarray(0, length))
      expect(read(key(), source), `length ${length}`).toBeUndefined()
    }
  })

  it('is ignored in a folder that others can write to, or even read', () => {
    writeCache(key(), source, body)
    chmodSync(folder(), 0o755)
    expect(read(key(), source)).toBeUndefined()
    chmodSync(folder(), 0o700)
    expect(read(key(), source)).toEqual(body)
  })

  it('is not written to such a folder', () => {
    writeCache(key(), source, body)
    rmSync(file())
    chmodSync(folder(), 0o777)
    writeCache(key(), source, body)
    expect(readdirSync(folder())).toEqual([])
  })

  it('removes what another build left', () => {
    writeCache(key('pod ps', 'old'), source, body)
    writeCache(key('pod ps', 'new'), source, body)
    expect(readdirSync(join(dist, '.cache'))).toEqual([expect.stringMatching(/^new-/)])
  })

  it('leaves no draft behind, and does not mind a place it can’t write to', () => {
    writeCache(key(), source, body)
    expect(readdirSync(folder())).toEqual(['pod-ps.bin'])
    rmSync(join(dist, '.cache'), { recursive: true })
    writeFileSync(join(dist, '.cache'), 'a file')
    expect(() => writeCache(key(), source, body)).not.toThrow()
    expect(read(key(), source)).toBeUndefined()
    rmSync(join(dist, '.cache'))
    mkdirSync(join(dist, '.cache'))
  })
})
