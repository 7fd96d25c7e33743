import { TspodError } from '../errors'
import type { TopOptions } from './api/containers'
import type { EngineContext } from './context'

export const containerTop = async (
  _context: EngineContext,
  _name: string | undefined,
  _options: TopOptions = {},
): Promise<string[]> => {
  throw new TspodError('unsupported', 'top is not there yet')
}
export const podTop = containerTop
