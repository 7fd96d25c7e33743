import { TspodError } from '../errors'

/** What oclif adds to its errors. */
interface OclifError extends Error {
  oclif: { exit?: number }
  code?: string
  /** The command line, where it is at fault. */
  parse?: unknown
}

const isOclifError = (error: unknown): error is OclifError =>
  error instanceof Error && 'oclif' in error && typeof error.oclif === 'object'

/** The code of an error that only ends the process: ours, or an `exit` of oclif's. */
export const exitCodeOf = (error: unknown): number | undefined =>
  isOclifError(error) && error.code === 'EEXIT' ? (error.oclif.exit ?? 0) : undefined

/** What oclif takes where a command chose no code. */
const UNCHOSEN = 2
/** What oclif adds where a flag takes all the words after it, which ours do not. */
const NOTE = /\n\nNote: .* multiple values\.[\s\S]*$/
const ESCAPES = /\x1b\[[\d;]*m/g

/** An error of oclif's in our words. A plugin that chose an exit code for it gets that one. */
export function inOurWords(error: unknown, commandPath: string): unknown {
  if (!isOclifError(error)) return error
  const { exit } = error.oclif
  if (exit !== undefined && exit !== UNCHOSEN) process.exitCode ??= exit
  const message = error.message
    .replace(ESCAPES, '')
    .replace(/\nSee more help with --help$/, '')
    .replace(NOTE, '')
  const words = message.replace(/^[A-Z](?=[a-z ])/, (letter) => letter.toLowerCase())
  return new TspodError('usage', error.parse ? `${words}\nSee '${commandPath} --help'` : words, {}, error)
}
