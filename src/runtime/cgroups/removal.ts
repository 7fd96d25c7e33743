import { type CgroupFiles, cgroupError, errnoOf, readOptional, tree } from './files'

/** PIDs in a cgroup and those below it. 0 stands for processes that our PID namespace does not show. */
export const pidsBelow = (files: CgroupFiles, folder: string): number[] => {
  const pids = tree(files, folder).flatMap((one) =>
    (readOptional(files, `${one}/cgroup.procs`) ?? '').split('\n').map(Number),
  )
  return [...new Set(pids)].filter((pid) => pid > 0)
}

// A cgroup is busy until the last of its processes is reaped, a moment after its end.
const waits = [0, 1, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512]

const removeOne = (files: CgroupFiles, folder: string): void => {
  for (const wait of waits) {
    if (wait > 0) files.sleep(wait)
    try {
      files.rmdir(folder)
      return
    } catch (error) {
      const errno = errnoOf(error)
      if (errno === 'ENOENT') return
      // A cgroup was made below meanwhile, or is on its way out.
      if (errno === 'ENOTEMPTY') for (const below of tree(files, folder).slice(0, -1)) tryRemove(files, below)
      else if (errno !== 'EBUSY') throw cgroupError('remove cgroup', folder, error)
    }
  }
  throw cgroupError('remove cgroup', folder, Object.assign(new Error('busy'), { code: 'EBUSY' }))
}

/** Removes it if nothing is in it; whether it is gone. */
export const tryRemove = (files: CgroupFiles, folder: string): boolean => {
  try {
    files.rmdir(folder)
    return true
  } catch (error) {
    return errnoOf(error) === 'ENOENT'
  }
}

/** Removes a cgroup and those below it. */
export const removeTree = (files: CgroupFiles, folder: string): void => {
  for (const one of tree(files, folder)) removeOne(files, one)
}

const signalAll = (files: CgroupFiles, folder: string): number => {
  const pids = pidsBelow(files, folder)
  for (const pid of pids) {
    try {
      files.kill(pid)
    } catch (error) {
      if (errnoOf(error) !== 'ESRCH') throw cgroupError(`kill process ${pid}`, folder, error)
    }
  }
  return pids.length
}

/**
 * Kills all processes of a cgroup that has no cgroup.kill. Frozen, they can neither start others nor end and leave
 * their PIDs to strangers while they are signalled.
 */
export const killAll = (
  files: CgroupFiles,
  folder: string,
  freeze: (() => void) | undefined,
  thaw: (() => void) | undefined,
): void => {
  for (const wait of waits) {
    if (wait > 0) files.sleep(wait)
    try {
      freeze?.()
    } catch {
      // Then they are signalled as they run, until none is left.
    }
    const found = signalAll(files, folder)
    thaw?.()
    if (found === 0) return
  }
}
