import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { renderItem } from '../../../src/cli/report'
import { asMap, asStruct, Template, TemplateError } from '../../../src/cli/template'
import { failures, results } from './template-cases'

const version = {
  APIVersion: '4.3.1',
  Version: '4.3.1',
  GoVersion: 'go1.19.8',
  GitCommit: '',
  BuiltTime: 'Thu Jan  1 00:00:00 1970',
  Built: 0,
  OsArch: 'linux/amd64',
  Os: 'linux',
}
const info = asStruct({ Version: asStruct(version, 'define.Version') }, '*define.Info')

const run = (text: string, data: unknown = info): string => new Template('t', text).execute(data)

describe('templates that Go was asked about', () => {
  it.each(results)('%s', (template, output) => {
    expect(renderItem(template, info, 'info')).toBe(output)
  })

  it.each(failures)('%s fails', (template, message) => {
    expect(() => renderItem(template, info, 'info')).toThrow(new TemplateError(message))
  })
})

describe('values', () => {
  const labels = asMap({ Zeta: 'z', alpha: 'a' })

  it.each([
    ['a map, its keys sorted', '{{.L}}', 'map[Zeta:z alpha:a]'],
    ['a missing key of a map', '{{.L.none}}', '<no value>'],
    ['an index of a missing key', '[{{index .L "none"}}]', '[]'],
    ['a struct', '{{.S}}', '{1 [x y]}'],
    ['a nil', '{{.N}}', '<nil>'],
    ['a method with an argument', '{{.Label "alpha"}}', 'a'],
    ['a range over a map', '{{range $k, $v := .L}}{{$k}}={{$v}} {{end}}', 'Zeta=z alpha=a '],
    ['a range over a number', '{{range 3}}{{.}}{{end}}', '012'],
    ['names in any script', '{{$größe := 2}}{{$größe}}{{.L.naïve}}', '2<no value>'],
    ['else with', '{{with .N}}x{{else with .S}}{{.A}}{{end}}', '1'],
    ['an empty map as false', '{{if .E}}x{{else}}y{{end}}', 'y'],
    ['json of a map', '{{json .L}}', '{"Zeta":"z","alpha":"a"}'],
    ['json without HTML escapes', '{{json "<&>"}}', '"<&>"'],
    ['a field of a parenthesised pipeline', '{{(index .List 0).A}}', '7'],
  ])('%s', (_, template, output) => {
    const data = asStruct({
      L: labels,
      S: { A: 1, B: ['x', 'y'] },
      N: null,
      E: {},
      List: [{ A: 7 }],
      Label: (name: string) => (labels as Record<string, string>)[name],
    })
    expect(run(template, data)).toBe(output)
  })

  it('names the type that lacks a field', () => {
    expect(() => run('{{.Nope}}', asStruct({ A: 1 }, 'containers.psReporter'))).toThrow(
      `template: t:1:2: executing "t" at <.Nope>: can't evaluate field Nope in type containers.psReporter`,
    )
  })

  it.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])(
    'does not show %s of JavaScript',
    (name) => {
      expect(() => run(`{{.${name}}}`, { A: 1 })).toThrow("can't evaluate field")
      expect(run(`{{.${name}}}`, { a: 1 })).toBe('<no value>')
    },
  )

  it('does not end the program for a template that calls itself', () => {
    expect(() => run('{{define "a"}}{{template "a"}}{{end}}{{template "a"}}')).toThrow(
      'exceeded maximum template depth',
    )
  })
})

describe('properties', () => {
  it('leaves text without actions alone', () => {
    const text = fc.string().filter((value) => !value.includes('{{'))
    fc.assert(fc.property(text, (value) => run(value) === value))
  })

  it('prints any string it is given', () => {
    fc.assert(fc.property(fc.string(), (value) => run('{{.}}', value) === value))
  })

  it('joins what it split', () => {
    fc.assert(fc.property(fc.string(), (value) => run('{{join (split . ",") ","}}', value) === value))
  })

  it('fails with nothing but a TemplateError', () => {
    const pieces = [
      '{{',
      '}}',
      '.',
      'A',
      '"x"',
      '|',
      '(',
      ')',
      'if',
      'end',
      'range',
      '$x',
      ':=',
      ' ',
      '-',
      '1',
      'print',
    ]
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), (words) => {
        try {
          run(words.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(TemplateError)
        }
      }),
    )
  })
})
