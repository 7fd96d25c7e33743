import { posix } from 'node:path'
import type { MountConfig } from '../state/types'
import type { HostFacts } from './context-types'
import { csvFields } from './csv'
import { checkVolumeOptions } from './mount-options'
import { containerPath } from './paths'
import { invalid, quoted, unsupported, words } from './refusal'

/** What has been read of a `--mount` value so far. */
interface Draft {
  type: string
  source: string
  destination: string
  options: string[]
  /** Names of what may be given but once. */
  seen: Set<string>
}

interface Option {
  name: string
  value: string | undefined
  whole: string
}

type Reader = (draft: Draft, option: Option) => void

const argument = ({ name, value }: Option): string => {
  if (value === undefined) throw invalid(`${name}: ${words.optionArgument}`)
  return value
}

const once = (draft: Draft, key: string, names: string): void => {
  if (draft.seen.has(key)) throw invalid(`cannot pass ${names} more than once: ${words.optionArgument}`)
  draft.seen.add(key)
}

const onlyFor = (type: string, reader: Reader): Reader => {
  return (draft, option) => {
    if (draft.type !== type)
      throw invalid(`${quoted(option.name)} option not supported for ${quoted(draft.type)} mount types`)
    reader(draft, option)
  }
}

const readWrite: Reader = (draft, { name, value }) => {
  once(draft, 'rorw', "'readonly', 'ro', or 'rw' mnt.Options")
  const word = name === 'readonly' ? 'ro' : name
  const truth = value?.toLowerCase()
  if (truth === undefined || truth === 'true') draft.options.push(word)
  else if (truth === 'false' && word === 'rw') draft.options.push('ro')
}

const pair = (off: string, on: string): Reader => {
  return (draft, { name }) => {
    once(draft, off, `'${off}' and '${on}' mnt.Options`)
    draft.options.push(name)
  }
}

const relabel: Reader = (draft, { name, value }) => {
  if (draft.seen.has(name))
    throw invalid(`cannot pass 'relabel' option more than once: ${words.optionArgument}`)
  draft.seen.add(name)
  if (value !== 'private' && value !== 'shared')
    throw invalid(`${name} mount option must be 'private' or 'shared': ${words.badMountOption}`)
  draft.options.push(value === 'private' ? 'Z' : 'z')
}

const source: Reader = (draft, option) => {
  if (draft.type === 'tmpfs')
    throw invalid(`${quoted(option.name)} option not supported for ${quoted(draft.type)} mount types`)
  if (draft.source !== '')
    throw invalid(`cannot pass ${quoted(option.name)} option more than once: ${words.optionArgument}`)
  draft.source = argument(option)
  if (draft.source === '') throw invalid(`host directory cannot be empty: ${words.optionArgument}`)
}

const target: Reader = (draft, option) => {
  if (draft.destination !== '')
    throw invalid(`cannot pass ${quoted(option.name)} option more than once: ${words.optionArgument}`)
  draft.destination = containerPath(argument(option))
}

const chown: Reader = (draft, { value = '' }) => {
  if (draft.seen.has('U'))
    throw invalid(`cannot pass 'U' or 'chown' option more than once: ${words.optionArgument}`)
  draft.seen.add('U')
  const truth = value.toLowerCase()
  if (truth !== '' && truth !== 'true' && truth !== 'false')
    throw invalid(
      `'U' or 'chown' must be set to true or false, instead received ${quoted(value)}: ${words.optionArgument}`,
    )
  if (truth !== 'false') draft.options.push('U')
}

const propagations = [
  'shared',
  'rshared',
  'private',
  'rprivate',
  'slave',
  'rslave',
  'unbindable',
  'runbindable',
]

const propagation = onlyFor('bind', (draft, option) => {
  if (!propagations.includes(argument(option))) throw invalid(`invalid value ${quoted(option.whole)}`)
  draft.options.push(argument(option))
})

const copyUp = onlyFor('tmpfs', (draft, { name }) => {
  once(draft, 'tmpcopyup', "'tmpcopyup' and 'notmpcopyup' mnt.Options")
  draft.options.push(name)
})

const plain: Reader = (draft, { name }) => draft.options.push(name)

const readers: Record<string, Reader> = {
  'bind-nonrecursive': onlyFor('bind', (draft) => draft.options.push('bind')),
  'bind-propagation': propagation,
  consistency: () => undefined,
  idmap: (draft, { whole }) => draft.options.push(whole),
  readonly: readWrite,
  ro: readWrite,
  rw: readWrite,
  nodev: pair('nodev', 'dev'),
  dev: pair('nodev', 'dev'),
  noexec: pair('noexec', 'exec'),
  exec: pair('noexec', 'exec'),
  nosuid: pair('nosuid', 'suid'),
  suid: pair('nosuid', 'suid'),
  noswap: (draft, { name }) => {
    once(draft, name, "'noswap' mnt.Options")
    draft.options.push(name)
  },
  relabel,
  src: source,
  source,
  target,
  dst: target,
  dest: target,
  destination: target,
  tmpcopyup: copyUp,
  notmpcopyup: copyUp,
  'tmpfs-mode': onlyFor('tmpfs', (draft, option) => draft.options.push(`mode=${argument(option)}`)),
  'tmpfs-size': onlyFor('tmpfs', (draft, option) => draft.options.push(`size=${argument(option)}`)),
  U: chown,
  chown,
  Z: plain,
  z: plain,
  'no-dereference': plain,
  ...Object.fromEntries(propagations.map((name) => [name, plain])),
}

const devptsOptions = ['uid', 'gid', 'mode', 'ptmxmode', 'newinstance', 'max']

const readDevpts: Reader = (draft, option) => {
  const { name, whole } = option
  if (devptsOptions.includes(name)) draft.options.push(whole)
  else if (readers[name] === target) draft.destination = containerPath(argument(option))
  else throw invalid(`${name}: ${words.badMountOption}`)
}

const readOption: Reader = (draft, option) => {
  const reader = draft.type === 'devpts' ? readDevpts : readers[option.name]
  if (!reader) throw invalid(`${option.name}: ${words.badMountOption}`)
  reader(draft, option)
}

const findType = (fields: readonly string[]): [type: string, rest: string[]] => {
  const at = fields.findIndex((field) => /^type=[^=]*$/.test(field))
  if (at < 0) return ['volume', [...fields]]
  return [(fields[at] ?? '').slice('type='.length), fields.filter((_, index) => index !== at)]
}

const missing = ['volume', 'image', 'glob', 'ramfs', 'artifact']

const toOption = (whole: string): Option => {
  const at = whole.indexOf('=')
  return at < 0
    ? { name: whole, value: undefined, whole }
    : { name: whole.slice(0, at), value: whole.slice(at + 1), whole }
}

/** One `--mount` value: `type=TYPE,OPTION[=VALUE],…`. */
export const parseMount = (text: string, host: HostFacts): MountConfig => {
  const [type, fields] = findType(csvFields(text))
  if (missing.includes(type)) throw unsupported(`--mount of type ${type}`)
  if (type !== 'bind' && type !== 'tmpfs' && type !== 'devpts')
    throw invalid(`invalid filesystem type ${quoted(type)}`)
  const draft: Draft = { type, source: '', destination: '', options: [], seen: new Set() }
  for (const field of fields) readOption(draft, toOption(field))
  const { destination, options } = draft
  if (destination === '') throw invalid(words.noDestination)
  if (type !== 'bind') return { type, destination, options }
  const path = posix.resolve(host.cwd, draft.source === '' ? destination : draft.source)
  return { type, source: path, destination, options: checkVolumeOptions(options) }
}
