import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignTabs } from '../../../src/cli/table'

const lines = (...rows: string[]): string => `${rows.join('\n')}\n`

describe('alignTabs', () => {
  it('gives a column at least twelve places, and two more than its widest cell', () => {
    expect(alignTabs(lines('ID\tNAME\tX', 'a\ta-very-long-name\ty'))).toBe(
      lines('ID          NAME              X', 'a           a-very-long-name  y'),
    )
  })

  it('pads no last cell', () => {
    expect(alignTabs(lines('A\tB', 'c\tlonger'))).toBe(lines('A           B', 'c           longer'))
  })

  it('pads a cell that a tab ends', () => {
    expect(alignTabs('A\tB\t\n')).toBe('A           B           \n')
  })

  it('starts a column anew after a line that lacks it', () => {
    expect(alignTabs(lines('a-long-first-cell\tx', 'none', 'b\ty'))).toBe(
      lines('a-long-first-cell  x', 'none', 'b           y'),
    )
  })

  it('counts characters, not bytes', () => {
    expect(alignTabs(lines('éééééééééééé\tx'))).toBe(lines('éééééééééééé  x'))
  })

  it('lines up every column of a full table', () => {
    const cell = fc.stringMatching(/^[a-z]{0,20}$/)
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }),
      )
    fc.assert(
      fc.property(table, (rows) => {
        const text = alignTabs(rows.map((row) => `${row.join('\t')}\t|`).join('\n'))
        const ends = new Set(text.split('\n').map((line) => line.length))
        expect(ends.size).toBe(1)
        expect(text.split('\n').map((line) => line.split(/ +/).filter(Boolean))).toEqual(
          rows.map((row) => [...row.filter(Boolean), '|']),
        )
      }),
    )
  })
})
