import { TspodError } from '../errors'
import type { ContainerCreateOptions } from '../libpod'
import { containerFlags, type createFlags } from './create-flags'
import { parseEnvFile, parseLabels } from './env'
import { quote } from './go-quote'
import { givenOptions, type OptionsOf } from './option-names'

type Values = { [Name in keyof typeof createFlags]: unknown }

/** What `parse` gives for a command with the flags of `create`. */
export interface CreateLine {
  flags: Values
  argv: string[]
  changed: ReadonlySet<string>
}

const asLines = (values: Record<string, string>): string[] =>
  Object.entries(values).map(([key, value]) => `${key}=${value}`)

/** The command line as the user typed it, for `inspect`. */
export const commandLine = (): string[] => ['tspod', ...process.argv.slice(2)]

/** `--label` and `--label-file` together, as `KEY=VALUE`. */
export function collectLabels(labels: readonly string[], files: readonly string[]): string[] {
  try {
    return asLines(parseLabels(labels, files))
  } catch (error) {
    if (!(error instanceof TspodError)) throw error
    throw new TspodError('usage', `unable to process labels: ${error.message}`, error.context, error)
  }
}

/** tspod's images are all local: what would fetch one in any case can't be done. */
function checkPullPolicy(policy: string): void {
  const known = policy.toLowerCase()
  if (['', 'missing', 'ifmissing', 'ifnotpresent', 'never'].includes(known)) return
  if (['always', 'newer', 'ifnewer'].includes(known)) {
    throw new TspodError('unsupported', `--pull=${policy} is not supported by tspod yet`, {
      hint: 'images come from tspod load, import and image from-host',
    })
  }
  throw new TspodError('usage', `unsupported pull policy ${quote(policy)}`)
}

function hostEnvironment(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([, value]) => value !== undefined)
  return Object.fromEntries(entries) as Record<string, string>
}

/** What `create` and `run` ask the engine for. The first word is the image, the others are its command. */
export function createOptions(line: CreateLine): ContainerCreateOptions {
  const { flags, argv, changed } = line
  const [image, ...command] = argv
  if (changed.has('pull')) checkPullPolicy(flags.pull as string)
  const given: OptionsOf<typeof containerFlags> = givenOptions(containerFlags, line)
  if (given.replace && !given.name) {
    throw new TspodError('usage', 'cannot replace container without --name being set')
  }
  return {
    ...given,
    image,
    command,
    label: collectLabels(flags.label as string[], flags['label-file'] as string[]),
    envFile: (flags['env-file'] as string[]).flatMap((path) => asLines(parseEnvFile(path))),
    hostEnvironment: hostEnvironment(),
    createCommand: commandLine(),
  }
}
