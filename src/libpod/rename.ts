import { TspodError } from '../errors'
import { checkName, findContainer, type NameEntry } from '../state'
import type { Done } from './api/common'
import type { EngineContext } from './context'
import { lockedContainer } from './stop'

/** Gives a container another name. */
export const renameContainer = async (
  context: EngineContext,
  name: string,
  newName: string,
): Promise<Done> => {
  const { sandbox, container } = findContainer(context.state, name)
  checkName(newName)
  if (container.name === newName) {
    throw new TspodError('exists', `name "${newName}" is in use: container already exists`, {
      object: newName,
    })
  }
  const entry: NameEntry = { kind: 'container', id: container.id, sandbox: sandbox.id }
  const holder = await context.state.claimName(newName, entry)
  if (holder) {
    throw new TspodError('exists', `name "${newName}" is in use: ${holder.kind} already exists`, {
      object: newName,
    })
  }
  try {
    await context.state.withSandbox(sandbox.id, (locked) => {
      lockedContainer(locked, container.id).name = newName
    })
  } catch (error) {
    await context.state.names.release(newName, container.id)
    throw error
  }
  await context.state.names.release(container.name, container.id)
  return { id: container.id, rawInput: name }
}
