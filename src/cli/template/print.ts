import { formatTime } from '../go-time'
import { entriesOf, kindOf } from './values'

/**
 * A float as Go's %v prints it: the shortest form, with an exponent below 1e-4 and from 1e6 on; whole
 * numbers are taken for Go's integers.
 */
export function printNumber(value: number | bigint): string {
  if (typeof value === 'bigint' || Number.isInteger(value)) {
    const text = String(value)
    return Object.is(value, -0) ? '0' : twoDigitExponent(text)
  }
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  return twoDigitExponent(
    Math.abs(value) < 1e-4 || Math.abs(value) >= 1e6 ? value.toExponential() : String(value),
  )
}

/** Go writes `1e-05` where JavaScript writes `1e-5`. */
export const twoDigitExponent = (text: string): string => text.replace(/e([+-])(\d)$/, 'e$10$2')

/** fmt's %v. `plus` is %+v, which names the fields of a struct. */
export function printValue(value: unknown, plus = false): string {
  switch (kindOf(value)) {
    case 'nil':
      return '<nil>'
    case 'number':
      return printNumber(value as number)
    case 'slice':
      return `[${[...(value as unknown[])].map((item) => printValue(item, plus)).join(' ')}]`
    case 'map':
      return `map[${entriesOf(value)
        .map(([key, item]) => `${key}:${printValue(item, plus)}`)
        .join(' ')}]`
    case 'struct':
      return `{${Object.entries(value as object)
        .filter(([, item]) => typeof item !== 'function')
        .map(([name, item]) => `${plus ? `${name}:` : ''}${printValue(item, plus)}`)
        .join(' ')}}`
    case 'time':
      return formatTime(value as Date)
    case 'func':
      return '0x1'
    default:
      return String(value)
  }
}
