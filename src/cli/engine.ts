import type { Engine, ProcessExits } from '../libpod'
import type { Globals } from './globals'
import { logLine } from './log'

export type { Engine }

/** Opens the engine over the folders that the global options name; its warnings go to stderr. */
export async function startEngine(globals: Globals): Promise<Engine> {
  const { openEngine } = await import('../libpod')
  const { root, runroot, cgroupManager, logLevel } = globals
  return openEngine({
    root,
    runroot,
    cgroupManager,
    warn: (message) => logLine('warning', message, logLevel),
    onKernel: leaveAtOnce,
  })
}

/**
 * Has `process.exit` end the process by exit_group(2), after all `exit` listeners. What else would run is V8's clean-up,
 * and koffi's: that one has the disk take all of what was printed into a file (fsync) before the command ends.
 */
function leaveAtOnce({ exitProcess }: ProcessExits): void {
  // profiles and coverage are written by Node's own end
  if (process.execArgv.length > 0 || process.env.NODE_OPTIONS || process.env.NODE_V8_COVERAGE) return
  const node = process as unknown as { reallyExit(code: number): void }
  node.reallyExit = exitProcess
}
