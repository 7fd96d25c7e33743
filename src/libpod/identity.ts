import { TspodError } from '../errors'
import { checkName, type NameEntry, newId, randomName } from '../state'
import type { EngineContext } from './context'

const nameInUse = (entry: NameEntry, kind: NameEntry['kind'], name: string): TspodError =>
  new TspodError(
    'exists',
    kind === 'container' && entry.kind === 'container'
      ? `creating container storage: the container name "${name}" is already in use by ${entry.id}. You have to remove that container to be able to reuse that name: that name is already in use, or use --replace to instruct tspod to do so.`
      : `adding ${kind} to state: name "${name}" is in use: ${entry.kind} already exists`,
    { object: name },
  )

/** A name and an id that were taken, and how to give them up again. */
export interface Identity {
  id: string
  name: string
  release(): Promise<void>
}

const claimName = async (context: EngineContext, name: string, entry: NameEntry): Promise<string> => {
  checkName(name)
  const holder = await context.state.claimName(name, entry)
  if (holder) throw nameInUse(holder, entry.kind, name)
  return name
}

const claimRandomName = async (context: EngineContext, entry: NameEntry): Promise<string> => {
  for (let attempt = 0; ; attempt++) {
    const name = randomName(attempt)
    if (!(await context.state.claimName(name, entry))) return name
  }
}

/** Takes a name, a random one where none is given, and a new id, for an object that is about to be made. */
export const claimIdentity = async (
  context: EngineContext,
  request: { kind: NameEntry['kind']; name?: string; sandbox?: string; id?: string },
): Promise<Identity> => {
  const id = request.id ?? newId()
  const entry: NameEntry = { kind: request.kind, id, sandbox: request.sandbox ?? id }
  const name = request.name
    ? await claimName(context, request.name, entry)
    : await claimRandomName(context, entry)
  await context.state.claimId(entry)
  return { id, name, release: () => releaseIdentity(context, id, name) }
}

export const releaseIdentity = async (context: EngineContext, id: string, name: string): Promise<void> => {
  await context.state.names.release(name, id)
  await context.state.ids.release(id, id)
}
