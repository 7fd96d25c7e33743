const NAMED: Record<string, string> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
}

function escapeRune(rune: string, mark: string): string {
  if (rune === mark) return `\\${mark}`
  const named = NAMED[rune]
  if (named !== undefined) return named
  if (rune === ' ' || /[\p{L}\p{M}\p{N}\p{P}\p{S}]/u.test(rune)) return rune
  const code = rune.codePointAt(0) ?? 0
  if (code < 0x20 || code === 0x7f) return `\\x${code.toString(16).padStart(2, '0')}`
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`
  return `\\U${code.toString(16).padStart(8, '0')}`
}

/** strconv.Quote: what `%q` prints for a string. */
export function quote(text: string): string {
  let out = '"'
  for (const rune of text) out += escapeRune(rune, '"')
  return `${out}"`
}

/** What `%q` prints for a rune. */
export const quoteRune = (rune: string): string => `'${escapeRune(rune, "'")}'`
