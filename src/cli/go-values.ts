import { quote } from './go-quote'

/** A value that can't be read; the message is Go's, because Podman shows it to its users. */
export class ValueError extends Error {}

const TRUE = new Set(['1', 't', 'T', 'TRUE', 'true', 'True'])
const FALSE = new Set(['0', 'f', 'F', 'FALSE', 'false', 'False'])

const syntax = (fn: string, text: string): ValueError =>
  new ValueError(`strconv.${fn}: parsing ${quote(text)}: invalid syntax`)

const range = (fn: string, text: string): ValueError =>
  new ValueError(`strconv.${fn}: parsing ${quote(text)}: value out of range`)

/** strconv.ParseBool */
export function parseBool(text: string): boolean {
  if (TRUE.has(text)) return true
  if (FALSE.has(text)) return false
  throw syntax('ParseBool', text)
}

/** Go's integer literal with base prefix, as strconv reads it with base 0; undefined when it is not one. */
function integerLiteral(text: string): bigint | undefined {
  const match = /^(0[xX]_?[0-9a-fA-F_]+|0[oO]?_?[0-7_]*|0[bB]_?[01_]+|[1-9][0-9_]*)$/.exec(text)
  if (!match || text.includes('__') || text.endsWith('_')) return undefined
  const digits = text.replaceAll('_', '')
  if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`)
  if (/^0[oO]$/.test(digits)) return undefined
  return BigInt(digits.toLowerCase())
}

/** strconv.ParseInt(text, 0, bits). Numbers beyond 2^53 lose precision, as nothing in tspod needs them. */
export function parseInteger(text: string, bits = 64): number {
  const negative = text.startsWith('-')
  const magnitude = integerLiteral(negative || text.startsWith('+') ? text.slice(1) : text)
  if (magnitude === undefined) throw syntax('ParseInt', text)
  const limit = 1n << BigInt(bits - 1)
  if (negative ? magnitude > limit : magnitude >= limit) throw range('ParseInt', text)
  return negative ? -Number(magnitude) : Number(magnitude)
}

/** strconv.ParseUint(text, 0, bits) */
export function parseUnsigned(text: string, bits = 64): number {
  const magnitude = integerLiteral(text)
  if (magnitude === undefined) throw syntax('ParseUint', text)
  if (magnitude >= 1n << BigInt(bits)) throw range('ParseUint', text)
  return Number(magnitude)
}

/** strconv.ParseFloat(text, 64), without hexadecimal floats. */
export function parseFloat64(text: string): number {
  const special = /^([+-]?)(inf|infinity|nan)$/i.exec(text)
  if (special) {
    if (special[2]?.toLowerCase() === 'nan') return Number.NaN
    return special[1] === '-' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
  }
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text)) throw syntax('ParseFloat', text)
  const value = Number(text)
  if (!Number.isFinite(value)) throw range('ParseFloat', text)
  return value
}

/** The first record of encoding/csv, as pflag's StringSlice reads its values. */
export function parseCsv(text: string): string[] {
  if (text === '') return []
  const start = /^(?:\r?\n)*/.exec(text)?.[0].length ?? 0
  if (start === text.length) throw new ValueError('EOF')
  const fields: string[] = []
  let at = start
  for (;;) {
    const [field, next] = text[at] === '"' ? quotedField(text, at + 1) : plainField(text, at)
    fields.push(field)
    if (text[next] !== ',') return fields
    at = next + 1
  }
}

function plainField(text: string, start: number): [string, number] {
  const field = /^[^,\n]*/.exec(text.slice(start))?.[0] ?? ''
  const quoteAt = field.indexOf('"')
  if (quoteAt >= 0) throw csvError(text, 0, start + quoteAt, 'bare " in non-quoted-field')
  return [field.replace(/\r$/, ''), start + field.length]
}

function quotedField(text: string, start: number): [string, number] {
  const wrong = 'extraneous or missing " in quoted-field'
  let field = ''
  let at = start
  for (;;) {
    const end = text.indexOf('"', at)
    if (end < 0) throw csvError(text, start, text.length, wrong)
    field += text.slice(at, end)
    const after = text[end + 1]
    if (after === '"') {
      field += '"'
      at = end + 2
    } else if (after === undefined || after === ',' || after === '\n') {
      return [field, end + 1]
    } else {
      throw csvError(text, start, end, wrong)
    }
  }
}

function csvError(text: string, start: number, at: number, what: string): ValueError {
  const lineOf = (index: number) => text.slice(0, index).split('\n').length
  const line = lineOf(at)
  const column = Buffer.byteLength(text.slice(text.lastIndexOf('\n', at - 1) + 1, at)) + 1
  const record = lineOf(start) === line ? '' : `record on line ${lineOf(start)}; `
  return new ValueError(`${record}parse error on line ${line}, column ${column}: ${what}`)
}
