import type { Kernel } from '../libpod'
import { endSpare, type HandedOver, isNothingLeft, leaveSpare } from '../libpod/spare'

const REMOVES = /\b(?:rm|prune|down|cleanup)$/
const GIVES_UP = /\b(?:reset|migrate)$/

/** A command is never worth a failure of what only makes the next one faster. */
function attempt(act: () => void): void {
  try {
    act()
  } catch {
    // the next command starts Node by itself
  }
}

/** How a command's process ends. */
class Ending {
  kernel: Kernel | undefined
  /** The engine's folder. */
  root: string | undefined
  /** The command's name. */
  command = ''
  #launcher: HandedOver | undefined
  #keep: (() => void) | undefined

  /**
   * Has `process.exit` end the process by exit_group(2), after all `exit` listeners. What else would run is V8's clean-up,
   * and koffi's: that one has the disk take all of what was printed into a file (fsync) before the command ends.
   */
  useKernel(kernel: Kernel): void {
    // profiles and coverage are written by Node's own end
    if (process.execArgv.length > 0 || process.env.NODE_OPTIONS || process.env.NODE_V8_COVERAGE) return
    this.kernel = kernel
    const node = process as unknown as { reallyExit(code: number): void }
    node.reallyExit = (code) => this.#end(kernel, code)
  }

  /** The command came from a launcher, which ends first. */
  handOver(kernel: Kernel, launcher: HandedOver): void {
    this.#launcher = launcher
    this.useKernel(kernel)
  }

  /** Has `keep` save what this run needed: last of all, as the end needs modules, too. */
  keepBy(keep: () => void): void {
    if (this.kernel) this.#keep = keep
    else keep()
  }

  /** Whether no command is to be expected: it gave up everything, or has removed the last of it. */
  #isLast(): boolean {
    if (GIVES_UP.test(this.command)) return true
    return REMOVES.test(this.command) && this.root !== undefined && isNothingLeft(this.root)
  }

  #end(kernel: Kernel, code: number): never {
    const last = this.#isLast()
    if (last) attempt(() => endSpare(kernel))
    this.#launcher?.end(code, last)
    if (!last) attempt(() => leaveSpare(kernel, `${__dirname}/launch.js`))
    this.#keep?.()
    return kernel.exitProcess(code)
  }
}

export const ending = new Ending()
