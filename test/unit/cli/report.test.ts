import { describe, expect, it } from 'vitest'
import { isJson, renderAligned, renderItem, renderRows } from '../../../src/cli/report'
import { asStruct } from '../../../src/cli/template'

const rows = [
  { ID: '1', Names: 'web', HostPort: '80' },
  { ID: '22', Names: 'db', HostPort: '5432' },
]
const render = (format: string, options = {}) => renderRows(format, rows, { name: 'ps', ...options })

describe('renderRows', () => {
  it('prints each row by a template', () => {
    expect(render('{{.ID}} {{.Names}}')).toBe('1 web\n22 db\n')
  })

  it('prints no heads and no columns without `table`', () => {
    expect(render('{{.ID}}\\t{{.Names}}')).toBe('1\tweb\n22\tdb\n')
  })

  it('prints a table of texts as the language of templates would', () => {
    const data = [
      { ID: 'a', Names: 'one' },
      { ID: 'bb', Names: '' },
    ]
    const headers = { ID: 'container id' }
    const both = (noHeading: boolean) =>
      ['{{.ID}} {{.Names}}', '{{printf "%s" .ID}}\t{{.Names}}'].map((fields) =>
        renderRows(`table ${fields}`, data, { name: 'ps', headers, noHeading }),
      )
    expect(both(false)).toEqual(Array(2).fill('CONTAINER ID  NAMES\na             one\nbb            \n'))
    expect(both(true)).toEqual(Array(2).fill('a           one\nbb          \n'))
  })

  it('leaves other values and unknown fields of a table to the language', () => {
    const table = (row: object) =>
      renderRows('table {{.ID}} {{.Size}}', [row], { name: 'ps', noHeading: true })
    expect(table({ ID: 'a', Size: 3 })).toBe('a           3\n')
    expect(() => table(asStruct({ ID: 'a' }, 'T'))).toThrow(/can't evaluate field Size/)
  })

  it('prints heads over columns for `table`', () => {
    expect(render('table {{.ID}} {{.Names}} {{.HostPort}}', { headers: { ID: 'container id' } })).toBe(
      [
        'CONTAINER ID  NAMES       HOST PORT',
        '1             web         80',
        '22            db          5432',
        '',
      ].join('\n'),
    )
  })

  it('leaves the heads out where asked', () => {
    expect(render('table {{.ID}}\\t{{.Names}}', { noHeading: true })).toBe(
      '1           web\n22          db\n',
    )
  })

  it('prints heads alone over no rows', () => {
    expect(renderRows('table {{.ID}}\t{{.Names}}', [], { name: 'ps' })).toBe('ID          NAMES\n')
  })

  it('leaves a template with its own range alone', () => {
    expect(render('{{range .}}<{{.ID}}>{{end}}')).toBe('<1><22>\n')
  })

  it('keeps an escape inside a string of the template', () => {
    expect(render('{{printf "a\\n"}}')).toBe('a\na\n')
  })

  it('lets functions be added', () => {
    expect(render('{{twice .ID}}', { functions: { twice: (text: string) => text + text } })).toBe(
      '11\n2222\n',
    )
  })

  it('says what is wrong', () => {
    expect(() => render('{{.Nope}}')).toThrow("can't evaluate field Nope")
    expect(() => render('{{.ID')).toThrow("template: ps:1: bad character U+007B '{'")
  })
})

describe('one object', () => {
  it('is printed by a template', () => {
    expect(renderItem('{{.ID}}\\n', rows[0], 'inspect')).toBe('1\n')
  })

  it('is printed in columns by a command’s own', () => {
    expect(renderAligned('A:\\t{{.ID}}\nLonger name:\\t{{.Names}}', rows[0], 'x')).toBe(
      'A:            1\nLonger name:  web\n',
    )
  })
})

describe('isJson', () => {
  it.each(['json', ' json ', '{{json}}', '{{ json }}', '{{json .}}'])('%j is', (format) => {
    expect(isJson(format)).toBe(true)
  })

  it.each(['', 'JSON', '{{json .ID}}', 'jsonx'])('%j is not', (format) => {
    expect(isJson(format)).toBe(false)
  })
})
