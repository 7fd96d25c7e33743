import { TspodError } from '../errors'
import type { LogOptions, LogReader } from './api/common'
import type { EngineContext } from './context'

export const readLogs = async (
  _context: EngineContext,
  _names: string[],
  _options: LogOptions,
  _read: LogReader,
): Promise<void> => {
  throw new TspodError('unsupported', 'logs are not there yet')
}

export const readPodLogs = async (
  _context: EngineContext,
  _name: string | undefined,
  _options: LogOptions & { container?: string },
  _read: LogReader,
): Promise<void> => {
  throw new TspodError('unsupported', 'logs are not there yet')
}
