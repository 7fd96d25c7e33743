import type { Engine } from '../libpod'
import { ending } from './ending'
import type { Globals } from './globals'
import { logLine } from './log'

export type { Engine }

/** Opens the engine over the folders that the global options name; its warnings go to stderr. */
export async function startEngine(globals: Globals): Promise<Engine> {
  const { openEngine } = await import('../libpod')
  const { root, runroot, cgroupManager, logLevel } = globals
  const engine = openEngine({
    root,
    runroot,
    cgroupManager,
    warn: (message) => logLine('warning', message, logLevel),
    kernel: ending.kernel,
    onKernel: (kernel) => ending.useKernel(kernel),
  })
  ending.root = engine.root
  return engine
}
