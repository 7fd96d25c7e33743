import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isTspodError } from '../errors'
import { abandonedIntents, type Intent } from '../state'
import type { EngineContext } from './context'

const isHeld = (context: EngineContext, { sandbox, id }: Intent): boolean => {
  try {
    const document = context.state.read(sandbox)
    return document !== undefined && (document.id === id || document.containers.some((one) => one.id === id))
  } catch (error) {
    // What is damaged is kept until a user removes it.
    if (isTspodError(error) && error.code === 'damaged') return true
    throw error
  }
}

const clearUp = async (context: EngineContext, intent: Intent): Promise<void> => {
  const { paths, names, ids } = context.state
  rmSync(paths.container(intent.id), { recursive: true, force: true })
  rmSync(paths.containerRun(intent.id), { recursive: true, force: true })
  const folder = paths.sandbox(intent.sandbox)
  if (!existsSync(join(folder, 'state.json'))) rmSync(folder, { recursive: true, force: true })
  await names.release(intent.name, intent.id)
  await ids.release(intent.id, intent.id)
}

/** Clears up after commands that were killed while they made or removed something. */
export const sweepAbandoned = async (context: EngineContext): Promise<void> => {
  for (const { intent, forget } of abandonedIntents(context.paths.intents)) {
    if (intent && !isHeld(context, intent)) await clearUp(context, intent)
    forget()
  }
}
