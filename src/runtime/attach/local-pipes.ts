import { closeSync } from 'node:fs'
import { checked, type Kernel } from '../../kernel'
import { AT, F_SETFL, O } from '../../kernel/constants'
import type { Stdio } from '../launch'
import type { PlainStreams } from './plain-streams'

/** A program's standard streams, and our ends of them, which the caller closes. */
export interface LocalPipes {
  theirs: Stdio
  ours: PlainStreams['theirs']
  /** The program is started, and has its own. */
  closeTheirs(): void
}

const makePipe = (kernel: Kernel): { read: number; write: number } => {
  const fds = Buffer.alloc(8)
  checked(kernel.raw.call('pipe2', fds, O.CLOEXEC), 'pipe2', 'standard stream')
  return { read: fds.readInt32LE(0), write: fds.readInt32LE(4) }
}

/** Makes pipes for those of the streams that are wanted, /dev/null for the others. Only our ends do not block. */
export const openLocalPipes = (kernel: Kernel, wanted: { stdin: boolean; output: boolean }): LocalPipes => {
  const nothing = kernel.openat(AT.FDCWD, '/dev/null', O.RDWR)
  const theirs = { stdin: nothing, stdout: nothing, stderr: nothing }
  const ours: PlainStreams['theirs'] = {}
  const closeAll = (fds: Iterable<number>) => {
    for (const fd of new Set(fds)) closeSync(fd)
  }
  const closeOurs = () => closeAll(Object.values(ours))
  const closeTheirs = () => closeAll([nothing, ...Object.values(theirs)])
  const output = (name: 'stdout' | 'stderr') => {
    const { read, write } = makePipe(kernel)
    ours[name] = read
    theirs[name] = write
  }
  try {
    if (wanted.output) {
      output('stdout')
      output('stderr')
    }
    if (wanted.stdin) {
      const { read, write } = makePipe(kernel)
      ours.stdin = write
      theirs.stdin = read
    }
    for (const fd of Object.values(ours)) kernel.fcntl(fd, F_SETFL, O.NONBLOCK)
  } catch (error) {
    closeOurs()
    closeTheirs()
    throw error
  }
  return { theirs, ours, closeTheirs }
}
