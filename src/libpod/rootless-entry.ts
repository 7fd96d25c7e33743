import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { isTspodError, TspodError } from '../errors'
import { openKernel } from '../kernel'
import { HOLDER_NAME, startHolder } from '../runtime/rootless/holder'
import { withLock } from '../state/lock'

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return ''
  }
}

const isHolder = (pid: string): boolean => pid !== '' && readText(`/proc/${pid}/comm`) === HOLDER_NAME

// Under /tmp anybody may have made it first.
const prepareFolder = (folder: string): void => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (statSync(folder).uid === process.getuid?.()) return
  throw new TspodError(
    'denied',
    `${folder} belongs to another user: set XDG_RUNTIME_DIR to a folder of yours`,
  )
}

/** Makes sure that the user's namespaces are held, and notes the holder's PID in `<folder>/userns`. */
const main = async (folder: string): Promise<void> => {
  prepareFolder(folder)
  const kernel = openKernel()
  await withLock(kernel, `${folder}/userns.lock`, () => {
    if (isHolder(readText(`${folder}/userns`))) return
    writeFileSync(`${folder}/userns`, `${startHolder(kernel)}\n`, { mode: 0o600 })
  })
}

main(process.argv[2] ?? '').catch((error: unknown) => {
  process.stderr.write(isTspodError(error) ? `Error: ${error.message}\n` : `${(error as Error).stack}\n`)
  process.exitCode = 125
})
