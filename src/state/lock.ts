import { closeSync, fstatSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { TspodError } from '../errors'
import type { Kernel } from '../kernel'
import { Errno, errnoName, errnoText } from '../kernel/errno'

const LOCK_EX = 2
const LOCK_NB = 4

const openLockFile = (path: string): number => {
  try {
    return openSync(path, 'a', 0o600)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    throw new TspodError(
      code === 'ENOENT' ? 'not-found' : 'system',
      `lock ${path}: ${code}`,
      { call: 'open', errno: code, object: path },
      error,
    )
  }
}

const lockError = (path: string, errno: number): TspodError =>
  new TspodError('system', `lock ${path}: ${errnoText(errno)}`, {
    call: 'flock',
    errno: errnoName(errno),
    object: path,
  })

// A wait happens on a thread of the pool, so that the event loop goes on; the kernel hands the lock on in turn.
const take = async (kernel: Kernel, fd: number, path: string): Promise<void> => {
  let result = kernel.flock(fd, LOCK_EX | LOCK_NB)
  if (result === -Errno.EAGAIN) result = await kernel.flockAside(fd, LOCK_EX)
  if (result < 0) throw lockError(path, -result)
}

// On a full disk there is no room for the mark, and what it tells can wait: things must still be removable.
const mark = (fd: number): void => {
  try {
    writeSync(fd, String(process.pid))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
  }
}

/**
 * Runs `act` while holding the lock file `path` (made where missing) against every other process, and against other
 * calls in this one. The kernel drops it when its holder dies, however that happens: nothing grows stale. `act` is told
 * whether the holder before it was killed: a holder marks the file, and takes the mark away when it is done.
 */
export const withLock = async <T>(
  kernel: Kernel,
  path: string,
  act: (afterKill: boolean) => Promise<T> | T,
): Promise<T> => {
  const fd = openLockFile(path)
  try {
    await take(kernel, fd, path)
    const afterKill = fstatSync(fd).size > 0
    if (!afterKill) mark(fd)
    try {
      return await act(afterKill)
    } finally {
      ftruncateSync(fd)
    }
  } finally {
    closeSync(fd)
  }
}
