import type { Kernel, WindowSize } from '../../kernel'

export interface RawTerminal {
  /** Puts the terminal back into the mode it was in. Also happens when the process exits. */
  restore(): void
}

/**
 * Puts the terminal `fd` into raw mode and tells `resized` of its size whenever that changes. Undefined where `fd` is no
 * terminal.
 */
export const enterRawMode = (
  kernel: Pick<Kernel, 'makeRaw' | 'setTerminalMode' | 'windowSize'>,
  fd: number,
  resized: (size: WindowSize) => void,
): RawTerminal | undefined => {
  const mode = kernel.makeRaw(fd)
  if (!mode) return undefined
  const onResize = () => {
    const size = kernel.windowSize(fd)
    if (size) resized(size)
  }
  const restore = () => {
    process.off('exit', restore)
    process.off('SIGWINCH', onResize)
    try {
      kernel.setTerminalMode(fd, mode)
    } catch {
      // The terminal is gone: nothing is left to put right.
    }
  }
  process.on('exit', restore)
  process.on('SIGWINCH', onResize)
  return { restore }
}
