import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseEnv, parseEnvFile, parseLabels } from '../../../src/cli/env'
import { parseFilters, parseInputFilters } from '../../../src/cli/filters'

const host = { HOME: '/root', LC_ALL: 'C', LC_TIME: 'de', EMPTY: '' }
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tspod-env-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const file = (text: string): string => {
  const path = join(folder, 'file')
  writeFileSync(path, text)
  return path
}

describe('environment', () => {
  it.each<[string[], Record<string, string>]>([
    [['A=1', 'B=x=y', 'A=2'], { A: '2', B: 'x=y' }],
    [['A='], { A: '' }],
    [['HOME', 'NOT_THERE', 'EMPTY'], { HOME: '/root', EMPTY: '' }],
    [['LC_*'], { LC_ALL: 'C', LC_TIME: 'de' }],
    [['*'], host],
  ])('%j', (entries, expected) => {
    expect(parseEnv(entries, host)).toEqual(expected)
  })

  it('refuses a variable without a name', () => {
    expect(() => parseEnv(['=A'], host)).toThrow('invalid variable: "=A"')
  })

  it('reads a file', () => {
    const path = file('# comment\n\n  A=1 # kept\n\tHOME\nB="quoted"\nLC_A*\n')
    expect(parseEnvFile(path, host)).toEqual({ A: '1 # kept', HOME: '/root', B: '"quoted"', LC_ALL: 'C' })
  })

  it('names the file that is wrong or missing', () => {
    const path = file('=x\n')
    expect(() => parseEnvFile(path, host)).toThrow(`parsing file "${path}": invalid variable: "=x"`)
    expect(() => parseEnvFile('/nonexistent', host)).toThrow(
      'parsing file "/nonexistent": open /nonexistent: no such file or directory',
    )
  })
})

describe('labels', () => {
  it('come from flags and files, the flags winning', () => {
    expect(parseLabels(['a=1', 'b'], [file('a=0\nc=x=y\n')])).toEqual({ a: '1', b: '', c: 'x=y' })
  })

  it('need a name', () => {
    expect(() => parseLabels(['=x'])).toThrow('invalid label format: "=x"')
  })
})

describe('filters', () => {
  it('are gathered by key', () => {
    expect(parseFilters(['label=a=b', 'label!=c', 'label=d', 'name='])).toEqual({
      label: ['a=b', 'd'],
      'label!': ['c'],
      name: [''],
    })
  })

  it('need a value', () => {
    expect(() => parseFilters(['x'])).toThrow('invalid filter "x"')
    expect(() => parseInputFilters(['x'])).toThrow(
      'filter input must be in the form of filter=value: x is invalid',
    )
  })
})
