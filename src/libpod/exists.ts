import { findContainer, findPod } from '../state'
import type { EngineContext } from './context'
import { isGone } from './gone'

const succeeds = (find: () => unknown): boolean => {
  try {
    find()
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

export const containerExists = (context: EngineContext, name: string): boolean =>
  succeeds(() => findContainer(context.state, name))

export const podExists = (context: EngineContext, name: string): boolean =>
  succeeds(() => findPod(context.state, name))
