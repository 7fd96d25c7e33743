import { invalid, quoted } from './refusal'
import type { CreateOptions } from './types'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

const proxyNames = [
  'http_proxy',
  'https_proxy',
  'ftp_proxy',
  'no_proxy',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'FTP_PROXY',
  'NO_PROXY',
]

type Environment = Map<string, string>
type Host = Readonly<Record<string, string>>

const cut = (text: string): [key: string, value: string | undefined] => {
  const at = text.indexOf('=')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

/** One `-e` value: `KEY=VALUE`, `KEY` for the host's value, `PREFIX*` for all of the host's that start so. */
const addVariable = (environment: Environment, text: string, host: Host): void => {
  const [key, value] = cut(text)
  if (key === '') throw invalid(`invalid variable: ${quoted(text)}`)
  const name = key.replace(/^[ \t]+/, '')
  if (value !== undefined) {
    environment.set(name, value)
  } else if (name.endsWith('*')) {
    const prefix = name.slice(0, -1)
    for (const [other, text] of Object.entries(host))
      if (other.startsWith(prefix)) environment.set(other, text)
  } else if (host[name] !== undefined) {
    environment.set(name, host[name])
  }
}

const addLines = (environment: Environment, lines: readonly string[], host: Host): void => {
  for (const line of lines) {
    const text = line.replace(/^[ \t]+/, '')
    if (text !== '' && !text.startsWith('#')) addVariable(environment, text, host)
  }
}

const defaults = (options: CreateOptions, imageEnv: readonly string[]): Environment => {
  const environment: Environment = new Map([
    ['PATH', PATH],
    // Scripts look for this name to see that they run in a container.
    ['container', 'podman'],
  ])
  for (const text of imageEnv) {
    const [key, value] = cut(text)
    if (key !== '') environment.set(key, value ?? '')
  }
  if (options.tty && !environment.has('TERM')) environment.set('TERM', 'xterm')
  for (const name of options.unsetenv ?? []) environment.delete(name)
  return options.unsetenvAll ? new Map() : environment
}

/**
 * The environment of a container's processes as `KEY=VALUE`, weakest source first: defaults, image, host, `--env-file`,
 * `-e`. HOSTNAME and HOME are added when it starts.
 */
export const createEnvironment = (options: CreateOptions, imageEnv: readonly string[] = []): string[] => {
  const host = options.hostEnvironment ?? {}
  const environment = defaults(options, imageEnv)
  if (options.envHost) {
    for (const [key, value] of Object.entries(host)) environment.set(key, value)
  } else if (options.httpProxy !== false) {
    for (const name of proxyNames) if (host[name] !== undefined) environment.set(name, host[name])
  }
  addLines(environment, options.envFile ?? [], host)
  for (const text of options.env ?? []) addVariable(environment, text, host)
  return [...environment].map(([key, value]) => `${key}=${value}`)
}

/** Lays `KEY=VALUE` lists over one another; what comes later wins and keeps the earlier one's place. */
export const joinEnvironment = (...lists: readonly (readonly string[])[]): string[] => {
  const environment: Environment = new Map()
  for (const text of lists.flat()) {
    const [key, value] = cut(text)
    environment.set(key, value ?? '')
  }
  return [...environment].map(([key, value]) => `${key}=${value}`)
}

export const hasVariable = (environment: readonly string[], name: string): boolean =>
  environment.some((text) => text.startsWith(`${name}=`))
