import { invalid, quoted } from './refusal'

/** Numbers as Go's strconv and docker/go-units read them, with their error words. */

const syntax = (call: string, text: string) =>
  invalid(`strconv.${call}: parsing ${quoted(text)}: invalid syntax`)
const range = (call: string, text: string) =>
  invalid(`strconv.${call}: parsing ${quoted(text)}: value out of range`)

export const parseGoInt = (text: string, bits = 64, call = 'ParseInt'): number => {
  if (!/^[+-]?\d+$/.test(text)) throw syntax(call, text)
  const value = BigInt(text.replace(/^\+/, ''))
  const limit = 1n << BigInt(bits - 1)
  if (value >= limit || value < -limit) throw range(call, text)
  return Number(value)
}

export const parseGoUint = (text: string, bits = 64): number => {
  if (!/^\d+$/.test(text)) throw syntax('ParseUint', text)
  const value = BigInt(text)
  if (value >= 1n << BigInt(bits)) throw range('ParseUint', text)
  return Number(value)
}

const truths: Record<string, boolean> = {
  '1': true,
  t: true,
  T: true,
  TRUE: true,
  true: true,
  True: true,
  '0': false,
  f: false,
  F: false,
  FALSE: false,
  false: false,
  False: false,
}

/** undefined where the text is no boolean. */
export const parseGoBool = (text: string): boolean | undefined => truths[text]

const units = ['', 'k', 'm', 'g', 't', 'p']

const multiplier = (suffix: string, base: number): number | undefined => {
  const low = suffix.toLowerCase()
  if (low === '' || low === 'b') return 1
  const power = units.indexOf(low[0] as string)
  const rest = low.slice(1)
  return power > 0 && (rest === '' || rest === 'b' || rest === 'ib') ? base ** power : undefined
}

const parseSize = (text: string, base: number): number => {
  const [, numeral, suffix] = /^(.*[\d. ])([^\d. ]*)$/s.exec(text) ?? []
  if (numeral === undefined || suffix === undefined) throw invalid(`invalid size: '${text}'`)
  const number = numeral.endsWith(' ') ? numeral.slice(0, -1) : numeral
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(number)) throw syntax('ParseFloat', number)
  if (Number(number) < 0) throw invalid(`invalid size: '${text}'`)
  const factor = suffix.length > 3 ? undefined : multiplier(suffix, base)
  if (factor === undefined) throw invalid(`invalid suffix: '${suffix.toLowerCase()}'`)
  return Math.trunc(Number(number) * factor)
}

/** `64m`, `1.5GiB`: bytes, units to the base of 1024. */
export const ramInBytes = (text: string): number => parseSize(text, 1024)

/** `10mb`: bytes, units to the base of 1000. */
export const humanSize = (text: string): number => parseSize(text, 1000)
