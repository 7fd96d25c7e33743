import { mkdirSync, readdirSync, readlinkSync, symlinkSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { Kernel } from '../kernel'
import { identifyProcess, isProcessAlive, type ProcessId } from '../kernel/processes'
import { errnoOf, fileError } from './files'
import { withLock } from './lock'

export type ObjectKind = 'pod' | 'container'

/** What a name or an id stands for. */
export interface NameEntry {
  kind: ObjectKind
  /** Id of the pod or container. */
  id: string
  /** Id of the sandbox whose document holds it. */
  sandbox: string
}

interface Claim extends NameEntry {
  /** Who took the name; until it has written the document, only its being alive shows that the name is no left-over. */
  claimant?: ProcessId
}

/**
 * Names and ids of pods and containers: one symbolic link each, whose target is the entry. Making a link is atomic and
 * fails where there is one, so two creators can't both win, and no lock is needed. What a crash left is told by nothing
 * holding it, and is taken over under the folder's lock.
 */
export interface Names {
  get(name: string): NameEntry | undefined
  /** Takes a name; the entry that has it where it is in use. */
  claim(
    name: string,
    entry: NameEntry,
    isHeld: (entry: NameEntry, name: string) => boolean,
  ): Promise<NameEntry | undefined>
  /** Gives a name up, unless it stands for something else by now. */
  release(name: string, id: string): Promise<void>
  startingWith(prefix: string): string[]
}

const encode = (entry: NameEntry, self: ProcessId | undefined): string =>
  [entry.kind, entry.sandbox, entry.id, self?.pid ?? 0, self?.startTime ?? 0, self?.bootId ?? ''].join(':')

const decode = (target: string): Claim | undefined => {
  const [kind, sandbox, id, pid, startTime, bootId] = target.split(':')
  if ((kind !== 'pod' && kind !== 'container') || !sandbox || !id) return undefined
  const claimant = bootId ? { pid: Number(pid), startTime: Number(startTime), bootId } : undefined
  return { kind, sandbox, id, claimant }
}

const readEntry = (path: string): Claim | undefined => {
  try {
    return decode(readlinkSync(path))
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT' || code === 'EINVAL' || code === 'ENAMETOOLONG') return undefined
    throw fileError('read', path, error)
  }
}

const link = (path: string, target: string): boolean => {
  try {
    symlinkSync(target, path)
    return true
  } catch (error) {
    if (errnoOf(error) === 'EEXIST') return false
    throw fileError('create', path, error)
  }
}

const unlink = (path: string): void => {
  try {
    unlinkSync(path)
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') throw fileError('remove', path, error)
  }
}

const list = (folder: string): string[] => {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw fileError('read', folder, error)
  }
}

export const openNames = (folder: string, kernel: () => Kernel | Promise<Kernel>): Names => {
  const lock = `${folder}.lock`
  const pathOf = (name: string) => join(folder, name)
  const ensureFolder = () => mkdirSync(folder, { recursive: true, mode: 0o700 })
  return {
    get: (name) => readEntry(pathOf(name)),
    claim: async (name, entry, isHeld) => {
      ensureFolder()
      const path = pathOf(name)
      const target = encode(entry, identifyProcess(process.pid))
      if (link(path, target)) return undefined
      return withLock(await kernel(), lock, () => {
        const holder = readEntry(path)
        if (holder && (isHeld(holder, name) || (holder.claimant && isProcessAlive(holder.claimant))))
          return holder
        unlink(path)
        // Somebody who needs no lock may have been faster.
        return link(path, target) ? undefined : readEntry(path)
      })
    },
    release: async (name, id) => {
      const path = pathOf(name)
      if (readEntry(path)?.id !== id) return
      await withLock(await kernel(), lock, () => {
        if (readEntry(path)?.id === id) unlink(path)
      })
    },
    startingWith: (prefix) => list(folder).filter((name) => name.startsWith(prefix)),
  }
}
