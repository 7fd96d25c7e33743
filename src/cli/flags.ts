import type { Interfaces } from '@oclif/core'
import { parseBool, parseCsv, parseFloat64, parseInteger, parseUnsigned } from './go-values'

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

/** How pflag's Value behaves: takes one given text, sees what was given before, and may throw a ValueError. */
interface Accepts<T> {
  accept: (text: string, before: T | undefined) => T
  bare?: string
}

/** What `parse` gives for the flag. For the compiler alone: oclif's types lose the difference of T and T[]. */
interface Gives<T> {
  gives?: () => T
}

export type BoolFlag = Interfaces.BooleanFlag<boolean> & Accepts<boolean> & Gives<boolean>
export type ValueFlag<T> = Interfaces.OptionFlag<T> & Accepts<NonNullable<T>> & Gives<T>

/** The values of a set of flags. */
export type FlagValues<Flags> = {
  [Name in keyof Flags]: Flags[Name] extends Gives<infer T> ? T : never
}

/** `--rm`, `--rm=false`. False unless `default` says otherwise. */
export function bool(description: string, options: FlagOptions & { default?: boolean } = {}): BoolFlag {
  const { value: _, ...rest } = options
  return {
    ...rest,
    type: 'boolean',
    name: '',
    description,
    allowNo: false,
    default: options.default ?? false,
    parse: async (given: boolean) => given,
    accept: parseBool,
    bare: 'true',
  }
}

type Scalar<T> = {
  (description: string, options: FlagOptions & { default: T }): ValueFlag<T>
  (description: string, options?: FlagOptions): ValueFlag<T | undefined>
}

function optionFlag<T>(
  description: string,
  word: string,
  options: FlagOptions & { default?: T },
  accept: Accepts<T>['accept'],
): ValueFlag<T> {
  const { value, ...rest } = options
  const parse = async (text: string) => accept(text, undefined)
  return {
    ...rest,
    type: 'option',
    name: '',
    description,
    helpValue: value ?? word,
    input: [],
    accept,
    parse: parse as ValueFlag<T>['parse'],
  } as ValueFlag<T>
}

function scalar<T>(word: string, read: (text: string) => T): Scalar<T> {
  const make = (description: string, options: FlagOptions & { default?: T } = {}) =>
    optionFlag<T>(description, word, options, (text) => read(text))
  return make as Scalar<T>
}

/** `--name x`; the last one wins. Undefined when not given and without a default. */
export const string = scalar('string', (text) => text)

/** A whole number in any of Go's bases. */
export const int = scalar('int', (text) => parseInteger(text))

/** A whole number that is not negative. */
export const uint = scalar('uint', (text) => parseUnsigned(text))

/** A decimal number, such as the one of `--cpus`. */
export const float = scalar('float', parseFloat64)

/** A value that `read` understands; `read` throws a ValueError with what is wrong. */
export const parsed = <T>(word: string, read: (text: string) => T): Scalar<T> => scalar(word, read)

/** pflag's StringArray: each occurrence is one entry and commas mean nothing (`--label`, `--env`). */
export function stringArray(
  description: string,
  options: FlagOptions & { default?: string[] } = {},
): ValueFlag<string[]> {
  const defaulted = { default: [], ...options }
  return optionFlag<string[]>(description, 'stringArray', defaulted, (text, before = []) => [...before, text])
}

/** pflag's StringSlice: each occurrence is a CSV record (`--cap-add a,b`). */
export function stringSlice(
  description: string,
  options: FlagOptions & { default?: string[] } = {},
): ValueFlag<string[]> {
  const defaulted = { default: [], ...options }
  return optionFlag<string[]>(description, 'strings', defaulted, (text, before = []) => [
    ...before,
    ...parseCsv(text),
  ])
}
