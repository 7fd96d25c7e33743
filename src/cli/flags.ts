/** Real flags of oclif, with what pflag's rules need beside (see pflag.ts). */
import type { Interfaces } from '@oclif/core'
import { boolean, custom } from '@oclif/core/flags'
import { parseBool, parseCsv, parseFloat64, parseInteger, parseUnsigned } from './go-values'
import { unshielded } from './oclif-argv'

type Letter = NonNullable<Interfaces.OptionFlag<string>['char']>

/** What may be said about any flag. */
export interface FlagOptions {
  /** The shorthand, such as `a` for `-a`. */
  char?: Letter
  /** Other names Podman still takes, such as `net` for `network`. */
  aliases?: string[]
  /** Kept out of the help. */
  hidden?: boolean
  /** The word for the value in the help. */
  value?: string
  /** pflag's NoOptDefVal: the value when the flag stands without one; a value is then only taken after `=`. */
  bare?: string
}

/** What pflag.ts asks of a flag. */
interface Reads<T> {
  read: (text: string) => T
  split?: (text: string) => string[]
  bare?: string
}

/** What `parse` gives for the flag. For the compiler alone: oclif's types lose the difference of T and T[]. */
interface Gives<T> {
  gives?: () => T
}

export type BoolFlag = Interfaces.BooleanFlag<boolean> & Reads<boolean> & Gives<boolean>
export type ValueFlag<T> = Interfaces.OptionFlag<T> & Reads<unknown> & Gives<T>

/** The values of a set of flags. */
export type FlagValues<Flags> = {
  [Name in keyof Flags]: Flags[Name] extends Gives<infer T> ? T : never
}

/** `--rm`, `--rm=false`. False unless `default` says otherwise. */
export function bool(description: string, options: FlagOptions & { default?: boolean } = {}): BoolFlag {
  const { value: _, default: otherwise = false, ...rest } = options
  // for oclif-argv.ts alone: pflag.ts refuses `--no-rm`
  const flag = boolean({ ...rest, description, default: otherwise, allowNo: otherwise })
  return Object.assign(flag, { read: parseBool, bare: 'true' })
}

type Scalar<T> = {
  (description: string, options: FlagOptions & { default: T }): ValueFlag<T>
  (description: string, options?: FlagOptions): ValueFlag<T | undefined>
}

function optionFlag<T>(
  description: string,
  word: string,
  options: FlagOptions & { default?: unknown; multiple?: true; multipleNonGreedy?: true },
  reads: Reads<unknown>,
): ValueFlag<T> {
  const { value, ...rest } = options
  const define = custom({ parse: async (text: string) => reads.read(unshielded(text)) } as object)
  const flag = define({ ...rest, ...reads, description, helpValue: value ?? word } as never)
  return flag as unknown as ValueFlag<T>
}

function scalar<T>(word: string, read: (text: string) => T): Scalar<T> {
  const make = (description: string, options: FlagOptions & { default?: T } = {}) =>
    optionFlag<T>(description, word, options, { read })
  return make as Scalar<T>
}

const asIs = (text: string): string => text

/** `--name x`; the last one wins. Undefined when not given and without a default. */
export const string = scalar('string', asIs)

/** A whole number in any of Go's bases. */
export const int = scalar('int', (text) => parseInteger(text))

/** A whole number that is not negative. */
export const uint = scalar('uint', (text) => parseUnsigned(text))

/** A decimal number, such as the one of `--cpus`. */
export const float = scalar('float', parseFloat64)

/** A value that `read` understands; `read` throws a ValueError with what is wrong. */
export const parsed = <T>(word: string, read: (text: string) => T): Scalar<T> => scalar(word, read)

const list = () => ({ default: [] as string[], multiple: true, multipleNonGreedy: true }) as const

/** pflag's StringArray: each occurrence is one entry and commas mean nothing (`--label`, `--env`). */
export const stringArray = (description: string, options: FlagOptions = {}): ValueFlag<string[]> =>
  optionFlag<string[]>(description, 'stringArray', { ...list(), ...options }, { read: asIs })

/** pflag's StringSlice: each occurrence is a CSV record (`--cap-add a,b`). */
export const stringSlice = (description: string, options: FlagOptions = {}): ValueFlag<string[]> =>
  optionFlag<string[]>(description, 'strings', { ...list(), ...options }, { read: asIs, split: parseCsv })
