import type { MountConfig } from '../state/types'
import type { CreateContext } from './context-types'
import { parseMount } from './mount-flag'
import { completeOptions } from './mount-options'
import { containerPath } from './paths'
import { invalid, quoted, unsupported, withPrefix, words } from './refusal'
import type { CreateOptions } from './types'
import { parseTmpfs, parseVolume } from './volume-flag'

type Mounts = Map<string, MountConfig>

const isSame = (a: MountConfig, b: MountConfig) =>
  a.type === b.type &&
  a.source === b.source &&
  a.options.length === b.options.length &&
  a.options.every((option) => b.options.includes(option))

// Asking twice for the same is no conflict, except by --mount.
const add = (mounts: Mounts, mount: MountConfig, tolerant: boolean): void => {
  const there = mounts.get(mount.destination)
  if (there && !(tolerant && isSame(there, mount)))
    throw invalid(`${mount.destination}: ${words.duplicateDestination}`, mount.destination)
  mounts.set(mount.destination, mount)
}

const addTmpfs = (mounts: Mounts, mount: MountConfig): void => {
  if (mounts.get(mount.destination)?.type === 'tmpfs') return
  add(mounts, mount, true)
}

const requested = (options: CreateOptions, context: CreateContext): Mounts => {
  const mounts: Mounts = new Map()
  for (const text of options.mount ?? []) add(mounts, parseMount(text, context.host), false)
  for (const text of options.volume ?? []) add(mounts, parseVolume(text, context.host), true)
  for (const text of options.tmpfs ?? []) addTmpfs(mounts, parseTmpfs(text))
  for (const { type, source } of mounts.values())
    if (type === 'volume')
      throw unsupported(
        source ? `the named volume ${quoted(source)}` : 'an anonymous volume',
        'give a path of the host',
      )
  return mounts
}

const complete = (mount: MountConfig, context: CreateContext): MountConfig => {
  const { type, source = '', options } = mount
  if (type !== 'bind' && type !== 'tmpfs') return mount
  if (type === 'bind' && !context.host.pathKind(source))
    throw invalid(`statfs ${source}: no such file or directory`, source)
  return { ...mount, options: completeOptions(options, type === 'tmpfs') }
}

// What the image calls volumes; they have no name before a volume is made for them.
const imageVolumes = (context: CreateContext): MountConfig[] =>
  Object.keys(context.image?.config.Volumes ?? {}).map((path) => ({
    type: 'volume',
    destination: containerPath(path),
    options: ['rprivate', 'rw', 'nodev', 'exec'],
  }))

const readWriteTmpfs = ['/tmp', '/var/tmp', '/run']

const parseSource = (text: string): [container: string, options: string[] | undefined] => {
  const at = text.indexOf(':')
  if (at < 0) return [text, undefined]
  const options = text.slice(at + 1).split(',')
  for (const option of options)
    if (!['z', 'ro', 'rw'].includes(option))
      throw invalid(
        `invalid option ${quoted(option)} specified - volumes from another container can only use z,ro,rw options`,
      )
  if (options.filter((option) => option === 'z').length > 1)
    throw invalid('cannot set :z more than once in mount options')
  if (options.filter((option) => option !== 'z').length > 1)
    throw invalid('cannot set ro or rw options more than once')
  return [text.slice(0, at), options]
}

/** `--volumes-from`: the bind mounts that another container's user asked for. */
const volumesFrom = (options: CreateOptions, context: CreateContext): MountConfig[] =>
  (options.volumesFrom ?? []).flatMap((text) => {
    const [name, override] = parseSource(text)
    const prefix = `looking up container ${quoted(name)} for volumes-from`
    return withPrefix(prefix, () => context.lookupContainer(name))
      .config.mounts.filter(({ type }) => type === 'bind' || type === 'volume')
      .map((mount) => (override ? { ...mount, options: override } : mount))
  })

/** The pod's `-v` and its like are had by all its members. */
const podMounts = (own: Mounts, context: CreateContext): MountConfig[] => {
  const mounts = context.pod?.infra?.config.mounts ?? []
  for (const { destination } of mounts)
    if (own.has(destination))
      throw invalid(`${quoted(destination)}: ${words.duplicateDestination}`, destination)
  return mounts
}

/** Every mount that the options, the pod and the image ask for, one a destination. */
export const createMounts = (options: CreateOptions, context: CreateContext): MountConfig[] => {
  const own = requested(options, context)
  const mounts: Mounts = new Map()
  const weakestFirst = [
    imageVolumes(context),
    volumesFrom(options, context),
    podMounts(own, context),
    own.values(),
  ]
  for (const group of weakestFirst) for (const mount of group) mounts.set(mount.destination, mount)
  if (options.readOnly && options.readOnlyTmpfs !== false)
    for (const destination of readWriteTmpfs)
      if (!mounts.has(destination))
        mounts.set(destination, {
          type: 'tmpfs',
          destination,
          options: ['rw', 'rprivate', 'nosuid', 'nodev', 'tmpcopyup'],
        })
  return [...mounts.values()].map((mount) => complete(mount, context))
}
