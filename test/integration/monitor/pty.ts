import { openSync } from 'node:fs'
import type { Kernel } from '../../../src/kernel'
import { TTY } from '../../../src/kernel/constants'

/** Both sides of a new pseudo-terminal of the host. */
export const openPty = (kernel: Kernel): { master: number; slave: number } => {
  const master = openSync('/dev/ptmx', 'r+')
  kernel.raw.call('ioctl', master, TTY.TIOCSPTLCK, Buffer.alloc(4))
  return { master, slave: kernel.openTerminalPeer(master) }
}
