import { TspodError } from '../errors'
import type { Info } from './api/system'
import type { EngineContext } from './context'

export const engineInfo = async (_context: EngineContext): Promise<Info> => {
  throw new TspodError('unsupported', 'info is not there yet')
}
