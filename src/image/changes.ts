/** `--change`: the Dockerfile instructions that `import` and `commit` take, as Podman reads them. */
import { constants } from 'node:os'
import { posix } from 'node:path'
import { TspodError } from '../errors'
import { sortedKeys } from './go-json'
import type { ImageConfig } from './types'

type Apply = (config: ImageConfig, value: string, fail: (problem: string) => TspodError) => ImageConfig

/** A JSON list of words; undefined for anything else. */
const jsonWords = (value: string): string[] | undefined => {
  try {
    const parsed: unknown = JSON.parse(value)
    return Array.isArray(parsed) && parsed.every((word) => typeof word === 'string') ? parsed : undefined
  } catch {
    return undefined
  }
}

const unquoted = (text: string): string =>
  text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text

const cut = (text: string, separator: string): [string, string | undefined] => {
  const at = text.indexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

const expose: Apply = (config, value, fail) => {
  const [port = '', protocol = 'tcp', ...more] = value.split('/')
  if (more.length) throw fail('EXPOSE port must be formatted as PORT[/PROTO]')
  if (!/^[+-]?\d+$/.test(port))
    throw fail(
      `EXPOSE port must be an integer: strconv.Atoi: parsing ${JSON.stringify(port)}: invalid syntax`,
    )
  const number = Number(port)
  if (number <= 0 || number > 65535) throw fail('EXPOSE port must be a valid port number')
  const name = protocol.toLowerCase()
  if (name !== 'tcp' && name !== 'udp') throw fail('EXPOSE protocol must be TCP or UDP')
  return { ...config, ExposedPorts: { ...config.ExposedPorts, [`${number}/${name}`]: {} } }
}

const env: Apply = (config, value, fail) => {
  const [key, text = ''] = cut(value, '=')
  if (key === '') throw fail('ENV must have at least one argument')
  return { ...config, Env: [...(config.Env ?? []), `${unquoted(key)}=${unquoted(text)}`] }
}

const label: Apply = (config, value, fail) => {
  const [key, text] = cut(value, '=')
  if (text === undefined) throw fail('LABEL must be formatted key=value')
  const name = unquoted(key)
  if (name === '') throw fail('LABEL must have a non-empty key')
  return { ...config, Labels: { ...config.Labels, [name]: unquoted(text) } }
}

const volume: Apply = (config, value, fail) => {
  const paths = jsonWords(value) ?? value.split(' ')
  if (!paths.length) throw fail('must provide at least one argument to VOLUME')
  if (paths.includes('')) throw fail('VOLUME paths must not be empty')
  return { ...config, Volumes: { ...config.Volumes, ...Object.fromEntries(paths.map((path) => [path, {}])) } }
}

const signalNumber = (text: string): number | undefined => {
  const name = text.toUpperCase().replace(/^SIG/, '')
  if (/^\d+$/.test(name)) return Number(name) >= 1 && Number(name) <= 64 ? Number(name) : undefined
  const realTime = /^RTM(IN|AX)(?:([+-])(\d+))?$/.exec(name)
  if (!realTime) return constants.signals[`SIG${name}` as NodeJS.Signals]
  const step = Number(realTime[3] ?? 0) * (realTime[2] === '-' ? -1 : 1)
  const number = (realTime[1] === 'IN' ? 34 : 64) + step
  return number >= 34 && number <= 64 ? number : undefined
}

const stopSignal: Apply = (config, value, fail) => {
  const number = signalNumber(value)
  if (number === undefined) throw fail(`KILLSIGNAL must be given a valid signal: invalid signal: ${value}`)
  return { ...config, StopSignal: `${number}` }
}

const needed = (value: string, problem: string, fail: (problem: string) => TspodError): string => {
  if (value === '') throw fail(problem)
  return value
}

/** `CMD`'s two forms: a JSON list of words, or a line for the shell. */
export const commandOf = (value: string): string[] => jsonWords(value) ?? shell(value)

const shell = (value: string): string[] => ['/bin/sh', '-c', ...(value === '' ? [] : [value])]

const INSTRUCTIONS: Record<string, Apply> = {
  CMD: (config, value) => ({ ...config, Cmd: commandOf(value) }),
  ENTRYPOINT: (config, value) => ({
    ...config,
    Entrypoint: jsonWords(value) ?? (value === '' ? [] : shell(value)),
  }),
  ENV: env,
  EXPOSE: expose,
  LABEL: label,
  ONBUILD: (config, value, fail) => ({
    ...config,
    OnBuild: [...(config.OnBuild ?? []), needed(value, 'ONBUILD must be given an argument', fail)],
  }),
  STOPSIGNAL: stopSignal,
  USER: (config, value, fail) => ({
    ...config,
    User: needed(value, 'must provide a value to USER', fail),
  }),
  VOLUME: volume,
  WORKDIR: (config, value, fail) => ({
    ...config,
    WorkingDir: posix
      .join(config.WorkingDir ?? '', needed(value, 'must provide a non-empty WORKDIR', fail))
      .replace(/(.)\/$/, '$1'),
  }),
}

// The order of the fields in the OCI specification's Go types, and so in Podman's documents.
const ORDER = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'OnBuild',
] as const

const ordered = (config: ImageConfig): ImageConfig => {
  const sorted: ImageConfig = {
    ...config,
    ...(config.ExposedPorts && { ExposedPorts: sortedKeys(config.ExposedPorts) }),
    ...(config.Volumes && { Volumes: sortedKeys(config.Volumes) }),
    ...(config.Labels && { Labels: sortedKeys(config.Labels) }),
  }
  const isEmpty = (value: unknown) => value === undefined || (Array.isArray(value) && value.length === 0)
  return Object.fromEntries(ORDER.filter((key) => !isEmpty(sorted[key])).map((key) => [key, sorted[key]]))
}

/** The configuration that instructions such as `CMD ["sh"]` or `ENV a=b` make. */
export const configFromChanges = (changes: readonly string[]): ImageConfig => {
  let config: ImageConfig = {}
  for (const change of changes) {
    const fail = (problem: string) =>
      new TspodError('usage', `invalid change ${JSON.stringify(change)} - ${problem}`, { object: change })
    const spaced = cut(change, ' ')
    const [word, rest] = spaced[1] === undefined ? cut(change, '=') : spaced
    if (rest === undefined) throw fail('must be formatted as KEY VALUE')
    const name = word.trim().toUpperCase()
    const apply = INSTRUCTIONS[name]
    if (!apply) throw fail(`invalid instruction ${name}`)
    config = apply(config, rest.trim(), fail)
  }
  return ordered(config)
}
