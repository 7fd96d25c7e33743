import fc from 'fast-check'
import { expect, it } from 'vitest'
import { cleanPath, shown, splitPath } from '../../../src/image/layers/names'

it.for([
  ['a/b', 'a/b'],
  ['./a//b/', 'a/b'],
  ['/etc/passwd', 'etc/passwd'],
  ['a/./b/../c', 'a/c'],
  ['.', ''],
  ['/', ''],
  ['', ''],
  ['a/..', ''],
  ['..', undefined],
  ['../a', undefined],
  ['a/../../b', undefined],
  ['/..', undefined],
] as const)('%j is %j inside the root', ([raw, clean]) => {
  expect(cleanPath(raw)).toBe(clean)
})

it('never leaves anything that leads elsewhere', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('.', '..', '', 'a', '...', 'b.')), (parts) => {
      const clean = cleanPath(parts.join('/'))
      for (const part of clean?.split('/') ?? []) expect(['.', '..']).not.toContain(part)
      expect(clean?.startsWith('/') ?? false).toBe(false)
    }),
  )
})

it('splits off the last name', () => {
  expect(splitPath('a/b/c')).toEqual({ folder: 'a/b', name: 'c' })
  expect(splitPath('c')).toEqual({ folder: '', name: 'c' })
})

it('shows names on one line, whatever they hold', () => {
  expect(shown(Buffer.from('é\n').toString('latin1'))).toBe('"é\\n"')
  expect(shown('\xff\x1b[0m')).not.toContain('\x1b')
})
