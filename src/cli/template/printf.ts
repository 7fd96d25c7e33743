import { quote, quoteRune } from '../go-quote'
import { printNumber, printValue, twoDigitExponent } from './print'
import { kindOf, typeName } from './values'

interface Spec {
  plus: boolean
  minus: boolean
  sharp: boolean
  zero: boolean
  space: boolean
  width: number | undefined
  precision: number | undefined
  verb: string
}

const VERB = /%([-+# 0]*)(\*|\d+)?(?:\.(\*|\d*))?(?:\[(\d+)\])?(.)?/gsu

/** fmt.Sprintf */
export function sprintf(format: string, args: unknown[]): string {
  let next = 0
  const positional = /%[-+# 0\d.]*\[/.test(format)
  const star = (text: string | undefined): number | undefined => {
    if (text === undefined) return undefined
    return text === '*' ? Number(args[next++]) : Number(text || 0)
  }
  const out = format.replace(
    VERB,
    (_, flags: string, widthText, precisionText, position?: string, verb?: string) => {
      const width = star(widthText)
      const precision = star(precisionText)
      if (position !== undefined) next = Number(position) - 1
      if (verb === undefined) return '%!(NOVERB)'
      if (verb === '%') return '%'
      if (next >= args.length) return position === undefined ? `%!${verb}(MISSING)` : `%!${verb}(BADINDEX)`
      const spec: Spec = {
        plus: flags.includes('+'),
        minus: flags.includes('-') || (width ?? 0) < 0,
        sharp: flags.includes('#'),
        zero: flags.includes('0') && !flags.includes('-'),
        space: flags.includes(' '),
        width: width === undefined ? undefined : Math.abs(width),
        precision,
        verb,
      }
      return formatOne(args[next++], spec)
    },
  )
  if (positional || next >= args.length) return out
  const extra = args.slice(next).map((arg) => (arg == null ? '<nil>' : `${typeName(arg)}=${printValue(arg)}`))
  return `${out}%!(EXTRA ${extra.join(', ')})`
}

const bad = (value: unknown, verb: string): string =>
  value == null ? `%!${verb}(<nil>)` : `%!${verb}(${typeName(value)}=${printValue(value)})`

function formatOne(value: unknown, spec: Spec): string {
  if (spec.verb === 'T') return pad(value == null ? '<nil>' : typeName(value), spec)
  const kind = kindOf(value)
  if (spec.verb === 'v') return formatDefault(value, kind, spec)
  if (kind === 'slice' && spec.verb !== 'p') {
    return `[${[...(value as unknown[])].map((item) => formatOne(item, spec)).join(' ')}]`
  }
  if (kind === 'bool') return spec.verb === 't' ? pad(String(value), spec) : bad(value, spec.verb)
  if (kind === 'string') return formatString(value as string, spec)
  if (kind === 'number') return formatNumber(Number(value), spec)
  return spec.verb === 's' && value != null ? pad(printValue(value), spec) : bad(value, spec.verb)
}

function formatDefault(value: unknown, kind: string, spec: Spec): string {
  if (kind === 'number') return padNumber(signed(printNumber(value as number), spec), spec)
  if (kind === 'string' && spec.sharp) return pad(quote(value as string), spec)
  return pad(printValue(value, spec.plus), spec)
}

function formatString(text: string, spec: Spec): string {
  const cut = spec.precision === undefined ? text : [...text].slice(0, spec.precision).join('')
  switch (spec.verb) {
    case 's':
      return pad(cut, spec)
    case 'q':
      return pad(spec.sharp && !cut.includes('`') ? `\`${cut}\`` : quote(cut), spec)
    case 'x':
      return pad(Buffer.from(cut).toString('hex'), spec)
    case 'X':
      return pad(Buffer.from(cut).toString('hex').toUpperCase(), spec)
    default:
      return bad(text, spec.verb)
  }
}

const RADIX: Record<string, [number, string]> = {
  b: [2, '0b'],
  o: [8, '0'],
  O: [8, ''],
  x: [16, '0x'],
  X: [16, '0x'],
}

function formatNumber(value: number, spec: Spec): string {
  const { verb } = spec
  if ('eEfFgG'.includes(verb)) {
    return padNumber(signed(formatFloat(value, spec), spec), spec)
  }
  if (!Number.isInteger(value)) return bad(value, verb)
  if (verb === 'd') return padNumber(signed(minimumDigits(String(value), spec), spec), spec)
  if (verb === 'c') return pad(String.fromCodePoint(value), spec)
  if (verb === 'q') return pad(quoteRune(String.fromCodePoint(value)), spec)
  if (verb === 'U') return pad(`U+${value.toString(16).toUpperCase().padStart(4, '0')}`, spec)
  const radix = RADIX[verb]
  if (!radix) return bad(value, verb)
  const [base, prefix] = radix
  const digits = minimumDigits(Math.abs(value).toString(base), spec)
  const marked = `${value < 0 ? '-' : ''}${verb === 'O' ? '0o' : spec.sharp ? prefix : ''}${digits}`
  return padNumber(signed(verb === 'X' ? marked.toUpperCase() : marked, spec), spec)
}

function minimumDigits(text: string, { precision }: Spec): string {
  if (precision === undefined) return text
  const negative = text.startsWith('-')
  return (negative ? '-' : '') + text.slice(negative ? 1 : 0).padStart(precision, '0')
}

function formatFloat(value: number, { verb, precision }: Spec): string {
  const lower = verb.toLowerCase()
  let text: string
  if (lower === 'f') text = value.toFixed(precision ?? 6)
  else if (lower === 'e') text = twoDigitExponent(value.toExponential(precision ?? 6))
  else text = precision === undefined ? printNumber(value) : significant(value, precision || 1)
  return verb === lower ? text : text.toUpperCase()
}

/** `%.Ng`: at most N significant digits, without the zeros at the end. */
export function significant(value: number, digits: number): string {
  const exponent = value === 0 ? 0 : Number(value.toExponential(digits - 1).split('e')[1])
  if (exponent < -4 || exponent >= digits) {
    const text = value.toExponential(digits - 1).replace(/\.?0*e/, 'e')
    return twoDigitExponent(text)
  }
  const fixed = value.toFixed(Math.max(0, digits - 1 - exponent))
  return fixed.includes('.') ? fixed.replace(/\.?0+$/, '') : fixed
}

function signed(text: string, spec: Spec): string {
  if (/^[-+]/.test(text)) return text
  return `${spec.plus ? '+' : spec.space ? ' ' : ''}${text}`
}

function padNumber(text: string, spec: Spec): string {
  if (!spec.zero || spec.width === undefined) return pad(text, spec)
  const sign = /^[-+ ]/.exec(text)?.[0] ?? ''
  return sign + text.slice(sign.length).padStart(spec.width - sign.length, '0')
}

function pad(text: string, spec: Spec): string {
  const missing = (spec.width ?? 0) - [...text].length
  if (missing <= 0) return text
  if (spec.minus) return text + ' '.repeat(missing)
  return (spec.zero ? '0' : ' ').repeat(missing) + text
}
