const ESCAPES: Record<string, string> = {
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
}

const ESCAPE = /\\(x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|[0-7]{3}|.)/gs

function withoutEscapes(text: string): string {
  return text.replace(ESCAPE, (_, code: string) => {
    if (/^[xuU]./.test(code)) return String.fromCodePoint(Number.parseInt(code.slice(1), 16))
    if (/^[0-7]{3}$/.test(code)) return String.fromCodePoint(Number.parseInt(code, 8))
    return ESCAPES[code] ?? code
  })
}

/** The value of a constant of a template. A character is its number, as in Go; undefined if it is several. */
export function readLiteral(kind: string, text: string): string | number | boolean | undefined {
  if (kind === 'bool') return text === 'true'
  if (kind === 'char') {
    const [rune = '', ...more] = withoutEscapes(text.slice(1, -1))
    return more.length > 0 ? undefined : rune.codePointAt(0)
  }
  if (kind === 'number') return readNumber(text.replaceAll('_', ''))
  return text.startsWith('`') ? text.slice(1, -1) : withoutEscapes(text.slice(1, -1))
}

function readNumber(text: string): number {
  const negative = text.startsWith('-')
  const digits = text.replace(/^[+-]/, '')
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return negative ? -value : value
}
