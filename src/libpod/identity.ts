import { TspodError } from '../errors'
import { checkName, type NameEntry, newId, noteIntent, randomName } from '../state'
import type { EngineContext } from './context'
import { sweepAbandoned } from './sweep'

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
  /** The document holds it now. */
  settle(): void
  release(): Promise<void>
}

interface Claimed {
  name: string
  settle(): void
}

/** Takes a name and the id, noted beforehand; whoever has the name where it is in use. */
const claim = async (
  context: EngineContext,
  name: string,
  entry: NameEntry,
): Promise<Claimed | { holder: NameEntry }> => {
  const settle = noteIntent(context.paths.intents, { sandbox: entry.sandbox, id: entry.id, name })
  const holder = await context.state.claimName(name, entry)
  if (!holder) await context.state.claimId(entry)
  else settle()
  return holder ? { holder } : { name, settle }
}

const claimName = async (context: EngineContext, name: string, entry: NameEntry): Promise<Claimed> => {
  checkName(name)
  const claimed = await claim(context, name, entry)
  if ('holder' in claimed) throw nameInUse(claimed.holder, entry.kind, name)
  return claimed
}

const claimRandomName = async (context: EngineContext, entry: NameEntry): Promise<Claimed> => {
  for (let attempt = 0; ; attempt++) {
    const claimed = await claim(context, randomName(attempt), entry)
    if (!('holder' in claimed)) return claimed
  }
}

/** Takes a name, a random one where none is given, and a new id, for an object that is about to be made. */
export const claimIdentity = async (
  context: EngineContext,
  request: { kind: NameEntry['kind']; name?: string; sandbox?: string; id?: string },
): Promise<Identity> => {
  await sweepAbandoned(context)
  const id = request.id ?? newId()
  const entry: NameEntry = { kind: request.kind, id, sandbox: request.sandbox ?? id }
  const { name, settle } = request.name
    ? await claimName(context, request.name, entry)
    : await claimRandomName(context, entry)
  const release = async () => {
    await releaseIdentity(context, id, name)
    settle()
  }
  return { id, name, settle, release }
}

export const releaseIdentity = async (context: EngineContext, id: string, name: string): Promise<void> => {
  await context.state.names.release(name, id)
  await context.state.ids.release(id, id)
}
