import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  dockerReference,
  formatReference,
  isShortName,
  localCandidates,
  matchesLoosely,
  normalizeName,
  parseReference,
} from '../../../src/image/reference'

const digest = `sha256:${'0123456789abcdef'.repeat(4)}`

describe('a name', () => {
  it.for([
    ['alpine', { domain: '', path: 'alpine' }],
    ['alpine:3', { domain: '', path: 'alpine', tag: '3' }],
    ['quay.io/a/b:t', { domain: 'quay.io', path: 'a/b', tag: 't' }],
    ['localhost:5000/x', { domain: 'localhost:5000', path: 'x' }],
    ['[::1]:5000/a/b', { domain: '[::1]:5000', path: 'a/b' }],
    [`x@${digest}`, { domain: '', path: 'x', digest }],
    [`r.io/x:t@${digest}`, { domain: 'r.io', path: 'x', tag: 't', digest }],
    ['a__b/c.d/e---f', { domain: '', path: 'a__b/c.d/e---f' }],
  ] as const)('%s has its parts', ([text, parts]) => {
    expect(parseReference(text)).toMatchObject(parts)
    expect(formatReference(parseReference(text))).toBe(text)
  })

  it.for([
    ['', 'repository name must have at least one component'],
    ['UPPER', 'repository name must be lowercase'],
    ['a/B:t', 'repository name must be lowercase'],
    ['a b', 'invalid reference format'],
    ['x:y:z', 'invalid reference format'],
    ['-x', 'invalid reference format'],
    ['a//b', 'invalid reference format'],
    ['a/', 'invalid reference format'],
    ['a___b', 'invalid reference format'],
    ['../x', 'invalid reference format'],
    [`x:${'t'.repeat(129)}`, 'invalid reference format'],
    ['x@sha256:12', 'invalid reference format'],
    [`x@sha256:${'a'.repeat(40)}`, 'invalid checksum digest length'],
    ['a'.repeat(256), 'repository name must not be more than 255 characters'],
  ] as const)('%j is refused', ([text, problem]) => {
    expect(() => parseReference(text)).toThrow(`parsing reference ${JSON.stringify(text)}: ${problem}`)
    expect(() => normalizeName(text)).toThrow(`normalizing name ${JSON.stringify(text)}: ${problem}`)
  })

  it('is completed for storing', () => {
    const full = (text: string) => formatReference(normalizeName(text))
    expect(full('web')).toBe('localhost/web:latest')
    expect(full('a/b:1')).toBe('localhost/a/b:1')
    expect(full('localhost/web')).toBe('localhost/web:latest')
    expect(full('docker.io/web')).toBe('docker.io/library/web:latest')
    expect(full('index.docker.io/a/web')).toBe('docker.io/a/web:latest')
    expect(full('quay.io/web:2')).toBe('quay.io/web:2')
    expect(full(`web:1@${digest}`)).toBe(`localhost/web@${digest}`)
  })

  it('is read as Docker does where that is asked for', () => {
    const full = (text: string) => formatReference(dockerReference(text))
    expect(full('web')).toBe('docker.io/library/web')
    expect(full('a/web:1')).toBe('docker.io/a/web:1')
    expect(full('Host/web')).toBe('Host/web')
    expect(() => dockerReference('ab'.repeat(32))).toThrow('cannot specify 64-byte hexadecimal strings')
  })

  it('is looked for here, then at Docker Hub', () => {
    expect(localCandidates('web')).toEqual(['localhost/web:latest', 'docker.io/library/web:latest'])
    expect(localCandidates('web', ['quay.io'])).toContain('quay.io/web:latest')
    expect(localCandidates('quay.io/web:1')).toEqual(['quay.io/web:1'])
    expect(localCandidates('No Name')).toEqual([])
    expect(isShortName('a/b')).toBe(true)
    expect(isShortName('a.b/c')).toBe(false)
  })

  it('matches the end of a longer one, part by part', () => {
    const stored = parseReference('quay.io/team/web:latest')
    const matches = (text: string) => matchesLoosely(stored, parseReference(text))
    expect(['web', 'team/web', 'quay.io/team/web:latest'].map(matches)).toEqual([true, true, true])
    expect(['eb', 'web:1', 'am/web'].map(matches)).toEqual([false, false, false])
  })
})

const component = fc.stringMatching(/^[a-z0-9]+((\.|_|__|-{1,3})[a-z0-9]+){0,2}$/)
const name = fc
  .record({
    domain: fc.option(fc.constantFrom('localhost', 'quay.io', 'r.example:5000', '[::1]:443', 'docker.io')),
    path: fc.array(component, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/')),
    tag: fc.option(fc.stringMatching(/^\w[\w.-]{0,20}$/)),
  })
  .map(({ domain, path, tag }) => `${domain ? `${domain}/` : ''}${path}${tag ? `:${tag}` : ''}`)
  .filter((text) => text.length < 200)

describe('any name', () => {
  it('is written as it was read', () => {
    fc.assert(fc.property(name, (text) => formatReference(parseReference(text)) === text))
  })

  it('that is complete stays as it is', () => {
    fc.assert(
      fc.property(name, (text) => {
        const full = formatReference(normalizeName(text))
        expect(formatReference(normalizeName(full))).toBe(full)
        expect(localCandidates(full)).toEqual([full])
      }),
    )
  })

  it('or other text ends in a reference or an error of ours', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        try {
          expect(formatReference(parseReference(text))).toBe(text)
        } catch (error) {
          expect((error as Error).name).toBe('TspodError')
        }
      }),
    )
  })
})
