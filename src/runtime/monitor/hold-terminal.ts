import { closeSync } from 'node:fs'
import type { Kernel } from '../../kernel'
import { F_GETFL, F_SETFL, O } from '../../kernel/constants'

/**
 * Makes the master side of a terminal ready to be read: non-blocking, and with its other side held open, without which
 * a read fails while no program has the terminal open, though one may open it again later. Call what is returned to
 * let go.
 */
export const holdTerminal = (
  kernel: Pick<Kernel, 'fcntl' | 'openTerminalPeer'>,
  master: number,
): (() => void) => {
  kernel.fcntl(master, F_SETFL, kernel.fcntl(master, F_GETFL, 0) | O.NONBLOCK)
  try {
    const peer = kernel.openTerminalPeer(master)
    return () => closeSync(peer)
  } catch {
    return () => {}
  }
}
