import { lstatSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isTspodError, TspodError } from '../errors'
import { openKernel } from '../kernel'
import { startHolder } from '../runtime/rootless/holder'
import { isHolder, readHolder } from '../runtime/rootless/holder-file'
import { withLock } from '../state/lock'
import { currentUser, placesOf } from './places'

const OTHERS_MAY_WRITE = 0o022

// Under /tmp anybody may have made it first.
const makePrivate = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const status = lstatSync(folder)
  const mine = status.isDirectory() && status.uid === process.getuid?.()
  if (mine && (status.mode & OTHERS_MAY_WRITE) === 0) return
  throw new TspodError(
    'denied',
    `${folder} is not yours alone: remove it, or set XDG_RUNTIME_DIR to a folder of yours`,
  )
}

/** Makes sure that the user's namespaces are held, and notes the holder's PID in `tspod/holder` of his run-time folder. */
const hold = async (runtimeFolder: string): Promise<void> => {
  const folder = join(runtimeFolder, 'tspod')
  makePrivate(runtimeFolder)
  makePrivate(folder)
  // What is made first decides: everything else would come later, with modes that root's store has.
  mkdirSync(placesOf(currentUser()).root, { recursive: true, mode: 0o700 })
  const kernel = openKernel()
  await withLock(kernel, `${folder}/holder.lock`, () => {
    if (isHolder(readHolder(`${folder}/holder`))) return
    writeFileSync(`${folder}/holder`, `${startHolder(kernel)}\n`, { mode: 0o600 })
  })
}

/** dist/rootless.js RUNTIME-FOLDER */
export function main(): void {
  hold(process.argv[2] ?? '').catch((error: unknown) => {
    process.stderr.write(isTspodError(error) ? `Error: ${error.message}\n` : `${(error as Error).stack}\n`)
    process.exitCode = 125
  })
}
