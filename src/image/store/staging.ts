/**
 * A folder in `<root>/tmp` for work under way. Its owner holds flock(2) on it, so that what a killed process left can
 * be told from live work, and is removed by the next one.
 */

import { randomBytes } from 'node:crypto'
import { mkdirSync, readdirSync } from 'node:fs'
import { TspodError } from '../../errors'
import { Errno, type Kernel } from '../../kernel'
import { O } from '../../kernel/constants'

export interface Staging {
  readonly path: string
  /** Descriptor of the folder. */
  readonly fd: number
  /** A name that is not taken yet. */
  fresh(): string
  /** Removes the folder and all in it. */
  discard(): void
}

const PREFIX = 'image-'
const LOCK = { EX: 2, NB: 4 } as const

/** Opens a staging folder if nobody holds it; undefined otherwise. */
const claim = (kernel: Kernel, parent: number, name: string): number | undefined => {
  const fd = kernel.openat2(parent, name, O.RDONLY | O.DIRECTORY | O.NOFOLLOW, 0, 0)
  if (fd < 0) return undefined
  if (kernel.flock(fd, LOCK.EX | LOCK.NB) === 0) return fd
  kernel.close(fd)
  return undefined
}

const sweep = (kernel: Kernel, dir: string, parent: number): void => {
  for (const name of readdirSync(dir)) {
    if (!name.startsWith(PREFIX)) continue
    const fd = claim(kernel, parent, name)
    if (fd === undefined) continue
    try {
      kernel.removeTree(parent, name)
    } finally {
      kernel.close(fd)
    }
  }
}

export const openStaging = (kernel: Kernel, root: string): Staging => {
  const dir = `${root}/tmp`
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const parent = kernel.openat(-100, dir, O.RDONLY | O.DIRECTORY)
  sweep(kernel, dir, parent)
  for (;;) {
    const name = `${PREFIX}${randomBytes(6).toString('hex')}`
    const made = kernel.mkdirat(parent, name, 0o700)
    if (made === -Errno.EEXIST) continue
    if (made < 0) throw new TspodError('system', `create ${dir}/${name}: errno ${-made}`, { call: 'mkdirat' })
    // Between the two calls another process may take it for a dead one's.
    const fd = claim(kernel, parent, name)
    if (fd === undefined) continue
    if (!kernel.statAt(parent, name)) {
      kernel.close(fd)
      continue
    }
    let count = 0
    return {
      path: `${dir}/${name}`,
      fd,
      fresh: () => `${count++}`,
      discard: () => {
        kernel.removeTree(parent, name)
        kernel.close(fd)
        kernel.close(parent)
      },
    }
  }
}
