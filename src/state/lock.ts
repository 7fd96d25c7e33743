import { TspodError } from '../errors'

/**
 * Runs `act` while holding the lock of `path` against every other process; the file need not exist. The lock is a
 * folder `<path>.lock` whose time is kept fresh by the event loop, so `act` must not block it for seconds. One that a
 * killed process left is taken over.
 */
export const withLock = async <T>(path: string, act: () => Promise<T> | T): Promise<T> => {
  const { lock } = await import('proper-lockfile')
  const release = await lock(path, {
    realpath: false,
    stale: 10_000,
    update: 2_000,
    retries: { retries: 2_000, minTimeout: 4, maxTimeout: 60, factor: 1.3, randomize: true },
    onCompromised: (error) => {
      throw error
    },
  }).catch((error: unknown) => {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown'
    throw new TspodError(
      'in-use',
      `lock ${path}: ${code}`,
      { call: 'mkdir', errno: code, object: `${path}.lock` },
      error,
    )
  })
  try {
    return await act()
  } finally {
    await release()
  }
}
