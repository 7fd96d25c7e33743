import { TspodError } from '../errors'
import type { Globals } from './globals'

/** What the commands see of the engine. */
export type Engine = Record<string, never>

/** Opens the engine that the global options describe. */
export async function startEngine(_globals: Globals): Promise<Engine> {
  throw new TspodError('unsupported', 'the engine is not there yet')
}
