import { TspodError } from '../errors'
import { isFullId } from './ids'
import type { NameEntry, Names, ObjectKind } from './names'
import type { State } from './store'
import type { ContainerRecord, PodRecord, Sandbox } from './types'

export interface FoundContainer {
  sandbox: Sandbox
  container: ContainerRecord
}

export interface FoundPod {
  sandbox: Sandbox
  pod: PodRecord
}

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/

/** Refuses what Podman does not take as a name. */
export const checkName = (name: string): void => {
  if (NAME.test(name) && name.length <= 250) return
  throw new TspodError('invalid', `names must match [a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument`, {
    object: name,
  })
}

const other: Record<ObjectKind, ObjectKind> = { pod: 'container', container: 'pod' }

const notFound = (kind: ObjectKind, nameOrId: string, isOther: boolean): TspodError => {
  if (isOther) {
    const text = `"${nameOrId}" is a ${other[kind]}, not a ${kind}: no such ${kind}`
    return new TspodError('not-found', text, { object: nameOrId })
  }
  // Podman quotes the one and not the other.
  const shown = kind === 'container' ? JSON.stringify(nameOrId) : nameOrId
  return new TspodError('not-found', `no ${kind} with name or ID ${shown} found: no such ${kind}`, {
    object: nameOrId,
  })
}

const byPrefix = (ids: Names, prefix: string, kind: ObjectKind): NameEntry[] =>
  /^[0-9a-f]+$/.test(prefix)
    ? ids
        .startingWith(prefix)
        .map((id) => ids.get(id))
        .filter((entry) => entry?.kind === kind)
        .map((entry) => entry!)
    : []

/** The entry of a name, a full id, or the beginning of one. Left-overs of a crash may be among those found. */
const findEntry = <T>(
  state: State,
  nameOrId: string,
  kind: ObjectKind,
  read: (entry: NameEntry) => T | undefined,
): T => {
  if (nameOrId === '') throw new TspodError('invalid', 'name or ID cannot be empty')
  const named = NAME.test(nameOrId) ? state.names.get(nameOrId) : undefined
  const exact = named?.kind === kind ? named : isFullId(nameOrId) ? state.ids.get(nameOrId) : undefined
  const found = exact?.kind === kind ? read(exact) : undefined
  if (found) return found
  const matches = byPrefix(state.ids, nameOrId, kind)
    .map(read)
    .filter((match) => match !== undefined)
  if (matches.length > 1) {
    const text = `more than one result for ${kind} ${JSON.stringify(nameOrId)}: container already exists`
    throw new TspodError('invalid', text, { object: nameOrId })
  }
  const [match] = matches
  if (match === undefined) throw notFound(kind, nameOrId, named?.kind === other[kind])
  return match
}

export const findContainer = (state: State, nameOrId: string): FoundContainer =>
  findEntry(state, nameOrId, 'container', (entry) => {
    const sandbox = state.read(entry.sandbox, nameOrId)
    const container = sandbox?.containers.find((candidate) => candidate.id === entry.id)
    return sandbox && container && { sandbox, container }
  })

export const findPod = (state: State, nameOrId: string): FoundPod =>
  findEntry(state, nameOrId, 'pod', (entry) => {
    const sandbox = state.read(entry.sandbox, nameOrId)
    return sandbox?.pod && { sandbox, pod: sandbox.pod }
  })
