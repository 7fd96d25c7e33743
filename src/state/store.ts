import { TspodError } from '../errors'
import type { Kernel } from '../kernel'
import { lockDocument } from './document-lock'
import {
  createDocument,
  type Damage,
  damageError,
  documentPath,
  listDocuments,
  lockPath,
  readDocument,
  removeDocument,
  writeDocument,
} from './documents'
import { shortId } from './ids'
import { withLock } from './lock'
import { type NameEntry, type Names, openNames } from './names'
import { type StatePaths, statePaths } from './paths'
import type { Sandbox } from './types'

/** A sandbox whose lock is held: the only way to change it. */
export interface LockedSandbox {
  /** The document as read after taking the lock; changed in place. */
  readonly sandbox: Sandbox
  /**
   * Writes the document, if it changed. `withSandbox` does so at the end, too, unless it throws. What is true for
   * milliseconds alone need not be `lasting` over a power cut, and is written faster.
   */
  save(options?: { lasting: boolean }): void
  /** Removes the document. Nothing is saved afterwards. */
  remove(): void
}

export interface Listing {
  sandboxes: Sandbox[]
  damaged: Damage[]
}

/** The documents and names below one `--root`. */
export interface State {
  readonly paths: StatePaths
  readonly names: Names
  /** Ids of pods and containers, with the sandbox that holds each. */
  readonly ids: Names
  /**
   * The document of a sandbox, read without a lock; undefined where there is none. Throws where it is damaged, and then
   * calls it `name`.
   */
  read(id: string, name?: string): Sandbox | undefined
  /** All documents, read without a lock. */
  list(): Listing
  /** Writes the document of a new sandbox. Names and ids were claimed before. */
  create(sandbox: Sandbox): void
  /**
   * Locks a sandbox, reads it again, acts, saves. Throws code `not-found` where it is gone. `act` should not wait for
   * processes: every other command on the sandbox waits for it.
   */
  withSandbox<T>(id: string, act: (locked: LockedSandbox) => Promise<T> | T): Promise<T>
  /** Takes a name for an object that is about to be made; the entry that has it where it is in use. */
  claimName(name: string, entry: NameEntry): Promise<NameEntry | undefined>
  claimId(entry: NameEntry): Promise<void>
}

const holds = (sandbox: Sandbox | undefined, entry: NameEntry, name?: string): boolean => {
  if (!sandbox) return false
  if (entry.kind === 'pod')
    return sandbox.id === entry.id && (name === undefined || sandbox.pod?.name === name)
  return sandbox.containers.some(
    (container) => container.id === entry.id && (name === undefined || container.name === name),
  )
}

// The lock file lies in the sandbox's folder, which goes with the sandbox.
const isMissingLock = (error: unknown, path: string): boolean =>
  error instanceof TspodError && error.code === 'not-found' && error.context.object === path

const gone = (id: string): TspodError =>
  new TspodError('not-found', `sandbox ${shortId(id)} is gone`, { object: id })

const lockedSandbox = (paths: StatePaths, id: string): LockedSandbox & { removed: boolean } => {
  const read = readDocument(paths, id)
  if (!read) throw gone(id)
  if ('damage' in read) throw damageError(read.damage, shortId(id))
  let saved = read.text
  const locked = {
    sandbox: read.sandbox,
    removed: false,
    save: ({ lasting }: { lasting: boolean } = { lasting: true }) => {
      const text = JSON.stringify(locked.sandbox)
      if (locked.removed || text === saved) return
      writeDocument(paths, id, text, lasting)
      saved = text
    },
    remove: () => {
      locked.removed = true
      removeDocument(paths, id)
    },
  }
  return locked
}

/** Opens the state. Nothing is read or made yet; `kernel` is asked for only where something is locked. */
export const openState = (options: {
  root: string
  runroot: string
  kernel: () => Kernel | Promise<Kernel>
}): State => {
  const paths = statePaths(options.root, options.runroot)
  const read = (id: string, name?: string) => {
    const found = readDocument(paths, id)
    if (found && 'damage' in found) throw damageError(found.damage, name ?? shortId(id))
    return found?.sandbox
  }
  // A damaged document may hold the name: it is kept until the sandbox is removed.
  const isHeld = (entry: NameEntry, name?: string) => {
    const found = readDocument(paths, entry.sandbox)
    return found !== undefined && ('damage' in found || holds(found.sandbox, entry, name))
  }
  const names = openNames(paths.names, options.kernel)
  const ids = openNames(`${paths.root}/ids`, options.kernel)
  return {
    paths,
    names,
    ids,
    read,
    list: () => {
      const listing: Listing = { sandboxes: [], damaged: [] }
      for (const id of listDocuments(paths)) {
        const found = readDocument(paths, id)
        if (found && 'damage' in found) listing.damaged.push(found.damage)
        else if (found) listing.sandboxes.push(found.sandbox)
      }
      return listing
    },
    create: (sandbox) => createDocument(paths, sandbox),
    withSandbox: async (id, act) => {
      const kernel = await options.kernel()
      try {
        return await withLock(kernel, lockPath(paths, id), async (afterKill) => {
          const release = await lockDocument(documentPath(paths, id), afterKill)
          try {
            const locked = lockedSandbox(paths, id)
            const result = await act(locked)
            locked.save()
            return result
          } finally {
            await release()
          }
        })
      } catch (error) {
        throw isMissingLock(error, lockPath(paths, id)) ? gone(id) : error
      }
    },
    claimName: (name, entry) => names.claim(name, entry, isHeld),
    claimId: async (entry) => {
      const holder = await ids.claim(entry.id, entry, (held) => isHeld(held))
      if (holder) throw new TspodError('exists', `id ${entry.id} is in use`, { object: entry.id })
    },
  }
}
