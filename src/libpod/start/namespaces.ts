import { TspodError } from '../../errors'
import type { ProcessId } from '../../kernel'
import type { Join } from '../../runtime/init'
import type { DescriptorSource } from '../../runtime/launch'
import { type ContainerRecord, findContainer, type Sandbox, trueState } from '../../state'
import type { NamespaceModes } from '../../state/types'
import type { EngineContext } from '../context'
import { infraOf } from '../records'

type Kind = keyof NamespaceModes

/** A namespace that the container gets from elsewhere. */
export interface Source {
  kind: Kind
  source: DescriptorSource
  /** As the OCI spec names it. */
  path: string
  owner: Join['owner']
}

/** The first number of a descriptor that the init program finds its namespaces at. */
const FIRST_FD = 101

const kinds: readonly Kind[] = ['user', 'net', 'ipc', 'uts', 'pid', 'cgroup']

/** The one whose namespace of this kind is joined. */
export interface Lender {
  container: ContainerRecord
  process: ProcessId
}

const lenderOf = (sandbox: Sandbox, container: ContainerRecord, borrower: string): Lender => {
  const { process, status } = trueState(sandbox, container)
  if (process && status !== 'created') return { container, process }
  throw new TspodError(
    'state',
    `container ${borrower} depends on container ${container.id}, which is not running: container state improper`,
    { object: container.id },
  )
}

/** Who lends a namespace of that kind; undefined where it is not joined from another container. */
export const findLender = (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
  kind: Kind,
): Lender | undefined => {
  const mode = container.config.namespaces[kind]
  if (mode?.mode === 'pod') {
    const infra = infraOf(sandbox)
    if (infra) return lenderOf(sandbox, infra, container.id)
  }
  if (mode?.mode !== 'container') return undefined
  const own = sandbox.containers.find(({ id }) => id === mode.value)
  if (own) return lenderOf(sandbox, own, container.id)
  const other = findContainer(context.state, mode.value ?? '')
  return lenderOf(other.sandbox, other.container, container.id)
}

const hasUserNamespace = (container: ContainerRecord): boolean =>
  (container.config.namespaces.user?.mode ?? 'host') !== 'host'

const fromLender = (kind: Kind, { process }: Lender, owner: Join['owner']): Source => ({
  kind,
  source: { process },
  path: `/proc/${process.pid}/ns/${kind}`,
  owner,
})

/** The file of the user namespace that the container joins; undefined where it has its own, or the host's. */
export const joinedUserNamespace = (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
): string | undefined => {
  const mode = container.config.namespaces.user
  if (mode?.mode === 'path') return mode.value
  const lender = findLender(context, sandbox, container, 'user')
  return lender && `/proc/${lender.process.pid}/ns/user`
}

/** Pinned files of namespaces that were made for this start. */
export type Pinned = Partial<Record<Kind, string>>

/** Where the container's namespaces come from; a kind that is missing is made anew, or is the host's. */
export const namespaceSources = (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
  pinned: Pinned,
): Source[] => {
  const owner = hasUserNamespace(container) ? 'container' : 'host'
  // What another container lends is entered from inside the user namespace only where that is lent by it, too.
  const user = findLender(context, sandbox, container, 'user')
  const ownerOf = (lender: Lender) => (user?.container.id === lender.container.id ? owner : 'host')
  return kinds.flatMap((kind): Source[] => {
    const own = pinned[kind]
    if (own) return [{ kind, source: { path: own }, path: own, owner }]
    const mode = container.config.namespaces[kind]
    if (mode?.mode === 'path' && mode.value) {
      return [{ kind, source: { path: mode.value }, path: mode.value, owner: 'host' }]
    }
    const lender = findLender(context, sandbox, container, kind)
    return lender ? [fromLender(kind, lender, ownerOf(lender))] : []
  })
}

const sameSource = (a: DescriptorSource, b: DescriptorSource): boolean =>
  'path' in a || 'path' in b ? false : a.process.pid === b.process.pid

interface Joins {
  joins: Join[]
  descriptors: { source: DescriptorSource; fd: number }[]
  /** Descriptor of the user namespace's file, for showing layers with shifted owners; missing in the host's. */
  userns?: number
}

/** The joins of the init program, one descriptor for all that is had of one process, and where each comes from. */
export const joinsOf = (sources: readonly Source[]): Joins => {
  const joins: Join[] = []
  const descriptors: Joins['descriptors'] = []
  const open = (source: DescriptorSource): number => {
    const fd = FIRST_FD + descriptors.length
    descriptors.push({ source, fd })
    return fd
  }
  for (const { kind, source, owner } of sources) {
    const index = descriptors.findIndex(
      (known, at) => sameSource(known.source, source) && joins[at]?.owner === owner,
    )
    if (index >= 0) joins[index]!.kinds.push(kind)
    else joins.push({ fd: open(source), kinds: [kind], owner })
  }
  const user = sources.find(({ kind }) => kind === 'user')?.source
  if (!user) return { joins, descriptors }
  return { joins, descriptors, userns: open('path' in user ? user : { ...user, namespace: 'user' }) }
}

export const namespacePaths = (sources: readonly Source[]): Pinned =>
  Object.fromEntries(sources.map(({ kind, path }) => [kind, path]))
