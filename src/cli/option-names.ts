import type { FlagValues } from './flags'

/** `memory-swap` becomes `memorySwap`. */
type Camel<Name extends string> = Name extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : Name

/** What the engine's options look like that a set of flags fills in. */
export type OptionsOf<Flags> = {
  [Name in keyof Flags as Camel<Name & string>]?: NonNullable<FlagValues<Flags>[Name]>
}

const camel = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())

interface Line {
  flags: Readonly<Record<string, unknown>>
  changed: ReadonlySet<string>
}

/** The values of those flags that were given, under the names that the engine has for them. */
export function givenOptions<Flags extends object>(flags: Flags, line: Line): OptionsOf<Flags> {
  const options: Record<string, unknown> = {}
  for (const name of Object.keys(flags)) {
    if (line.changed.has(name)) options[camel(name)] = line.flags[name]
  }
  return options as OptionsOf<Flags>
}
