import type { FlagDefinition, ParsedLine } from './pflag'

/** No argument of a process can hold a NUL: it marks a value that oclif would take for a flag, such as `-i`. */
const SHIELD = '\0'

const shielded = (text: string): string => (text.startsWith('-') ? SHIELD + text : text)

/** The value as it was typed, of one that oclif's parser hands on. */
export const unshielded = (text: string): string => (text.startsWith(SHIELD) ? text.slice(1) : text)

/**
 * A command line as oclif's parser reads it without a doubt: each flag by its long name, one word for a value, each
 * flag once that may not be repeated, and `words` after `--`.
 */
export function oclifArgv(
  values: ParsedLine['values'],
  definitions: Record<string, FlagDefinition>,
  words: readonly string[],
): string[] {
  const argv: string[] = []
  for (const [name, texts] of values) {
    const definition = definitions[name]
    if (definition?.type === 'boolean') argv.push(...booleanWord(name, definition, texts))
    else if (definition?.read) for (const text of texts) argv.push(`--${name}`, shielded(text))
    else for (const text of texts) argv.push(`--${name}`, text)
  }
  return words.length > 0 ? [...argv, '--', ...words] : argv
}

/** oclif has no `--flag=false`: what is false anyway is left out, and the others have their `--no-flag`. */
function booleanWord(name: string, { allowNo, read }: FlagDefinition, [text = '']: string[]): string[] {
  if (!read || read(text)) return [`--${name}`]
  return allowNo ? [`--no-${name}`] : []
}
