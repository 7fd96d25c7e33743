import { describe, expect, it } from 'vitest'
import { createDetachScanner, parseDetachKeys } from '../../../src/runtime/attach/detach-keys'

describe('detach keys', () => {
  it.each([
    ['ctrl-p,ctrl-q', [16, 17]],
    ['', []],
    ['a', [97]],
    ['ctrl-@,ctrl-a,ctrl-z,ctrl-[,ctrl-\\,ctrl-],ctrl-^,ctrl-_', [0, 1, 26, 27, 28, 29, 30, 31]],
    ['DEL,x,X', [127, 120, 88]],
  ])('%s', (keys, bytes) => {
    expect([...parseDetachKeys(keys)]).toEqual(bytes)
  })

  it.each([
    ['ctrl-P', 'ctrl-P'],
    ['ctrl-', 'ctrl-'],
    ['ctrl-pp', 'ctrl-pp'],
    ['a,,b', ''],
    ['ctrl-p,é', 'é'],
    ['abc', 'abc'],
  ])('refuses %s', (keys, key) => {
    expect(() => parseDetachKeys(keys)).toThrow(`invalid detach keys: Unknown character: '${key}'`)
  })
})

describe('looking for them', () => {
  const type = (keys: string, ...chunks: string[]) => {
    const scanner = createDetachScanner(parseDetachKeys(keys))
    let forwarded = ''
    for (const chunk of chunks) {
      const { forward, detached } = scanner.scan(Buffer.from(chunk))
      forwarded += Buffer.from(forward).toString()
      if (detached) return `${forwarded}|`
    }
    return forwarded
  }

  it('finds them in one piece and in several, and forwards none of them', () => {
    expect(type('ctrl-p,ctrl-q', 'ab\x10\x11cd')).toBe('ab|')
    expect(type('ctrl-p,ctrl-q', 'ab\x10', '\x11')).toBe('ab|')
    expect(type('a', 'xya')).toBe('xy|')
  })

  it('forwards what only began like them, late but whole', () => {
    expect(type('ctrl-p,ctrl-q', '\x10')).toBe('')
    expect(type('ctrl-p,ctrl-q', '\x10', 'x')).toBe('\x10x')
    expect(type('ctrl-p,ctrl-q', '\x10\x10', '\x11')).toBe('\x10|')
    expect(type('a,a,b', 'aaab')).toBe('a|')
    expect(type('a,b,a,c', 'ababac')).toBe('ab|')
    expect(type('a,b,a,c', 'abax', 'aba')).toBe('abax')
  })

  it('leaves everything as it is where there are none', () => {
    expect(type('', 'ab\x10\x11')).toBe('ab\x10\x11')
  })
})
