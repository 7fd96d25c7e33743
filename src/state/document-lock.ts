import {
  mkdir,
  mkdirSync,
  realpath,
  realpathSync,
  rmdir,
  rmdirSync,
  rmSync,
  stat,
  statSync,
  utimes,
  utimesSync,
} from 'node:fs'
import { type LockOptions, lock, lockSync } from 'proper-lockfile'
import { TspodError } from '../errors'
import { errnoOf } from './files'

const STALE_MS = 10_000

const options = (): LockOptions => ({
  realpath: false,
  stale: STALE_MS,
  // What it calls; it copies the object, and the getters of the whole module load promises, streams and readline.
  fs: { mkdir, mkdirSync, realpath, realpathSync, rmdir, rmdirSync, stat, statSync, utimes, utimesSync },
  // flock(2) is what keeps others of this host out; a sandbox that is removed takes its lock folder along.
  onCompromised: () => {},
})

const isHeld = (error: unknown): boolean => errnoOf(error) === 'ELOCKED'

// Held by a program that is not of ours, or from another host on a shared disk: it gets time to finish.
const waitForOthers = async (document: string): Promise<() => Promise<void>> => {
  const retries = { retries: 600, minTimeout: 10, maxTimeout: 100, randomize: true }
  try {
    return await lock(document, { ...options(), retries })
  } catch (error) {
    const folder = `${document}.lock`
    const hint = 'find who holds it, or remove that folder'
    throw new TspodError(
      'in-use',
      `${document} is locked: ${hint}`,
      { call: 'mkdir', object: folder, hint },
      error,
    )
  }
}

/**
 * Takes proper-lockfile's lock of a document (`state.json.lock`), for everyone who can't see our flock(2): other
 * programs, other hosts. `isAbandoned` says that a lock which is there was left by a process that was killed, so that
 * nobody waits for it to grow stale.
 */
export const lockDocument = async (
  document: string,
  isAbandoned: boolean,
): Promise<() => void | Promise<void>> => {
  try {
    return lockSync(document, options())
  } catch (error) {
    // Nothing can be made on a full disk, but things must still be removable: flock(2) alone has to do. And where the
    // folder went with its sandbox while we waited, reading the document will tell.
    if (['ENOSPC', 'ENOENT'].includes(errnoOf(error) ?? '')) return () => {}
    if (!isHeld(error)) throw error
  }
  if (!isAbandoned) return waitForOthers(document)
  rmSync(`${document}.lock`, { recursive: true, force: true })
  return lockSync(document, options())
}
