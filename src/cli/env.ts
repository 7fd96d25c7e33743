import { readFileSync } from 'node:fs'
import { TspodError } from '../errors'
import { quote } from './go-quote'

type Environment = Record<string, string | undefined>

/** Podman's `-e`: `KEY=value`, `KEY` alone takes the caller's value, `KEY*` takes all that begin so. */
export function parseEnv(
  entries: readonly string[],
  host: Environment = process.env,
): Record<string, string> {
  const env: Record<string, string> = {}
  for (const entry of entries) addEntry(env, entry, host)
  return env
}

/** A file for `--env-file`: one entry a line, with `#` comments. */
export function parseEnvFile(path: string, host: Environment = process.env): Record<string, string> {
  try {
    const lines = readFileSync(path, 'utf8').split(/\r?\n/)
    return parseEnv(entryLines(lines), host)
  } catch (error) {
    throw fileError(path, error)
  }
}

function entryLines(lines: string[]): string[] {
  return lines
    .map((line) => line.replace(/^[ \t]+/, ''))
    .filter((line) => line !== '' && !line.startsWith('#'))
}

function fileError(path: string, error: unknown): TspodError {
  const prefix = `parsing file ${quote(path)}`
  if (error instanceof TspodError) return new TspodError('usage', `${prefix}: ${error.message}`)
  const errno = (error as NodeJS.ErrnoException).code
  const reason = errno === 'ENOENT' ? 'no such file or directory' : (error as Error).message
  return new TspodError(
    'usage',
    `${prefix}: open ${path}: ${reason}`,
    { call: 'open', errno, object: path },
    error,
  )
}

function addEntry(env: Record<string, string>, entry: string, host: Environment): void {
  const equals = entry.indexOf('=')
  const key = equals < 0 ? entry : entry.slice(0, equals)
  if (key === '') throw new TspodError('usage', `invalid variable: ${quote(entry)}`)
  const name = key.replace(/^[ \t]+/, '')
  if (equals >= 0) {
    env[name] = entry.slice(equals + 1)
  } else if (name.endsWith('*')) {
    const prefix = name.slice(0, -1)
    for (const [found, value] of Object.entries(host)) {
      if (found.startsWith(prefix) && value !== undefined) env[found] = value
    }
  } else {
    const value = host[name]
    if (value !== undefined) env[name] = value
  }
}

/** `--label` and `--label-file`: `key=value`, or `key` for an empty value. */
export function parseLabels(
  labels: readonly string[],
  files: readonly string[] = [],
): Record<string, string> {
  const found: Record<string, string> = {}
  for (const file of files) Object.assign(found, parseLabelFile(file))
  for (const label of labels) {
    const [key, value] = cut(label)
    if (key === '') throw new TspodError('usage', `invalid label format: ${quote(label)}`)
    found[key] = value
  }
  return found
}

function parseLabelFile(path: string): Record<string, string> {
  try {
    return parseLabels(entryLines(readFileSync(path, 'utf8').split(/\r?\n/)))
  } catch (error) {
    throw fileError(path, error)
  }
}

function cut(text: string): [string, string] {
  const equals = text.indexOf('=')
  return equals < 0 ? [text, ''] : [text.slice(0, equals), text.slice(equals + 1)]
}
