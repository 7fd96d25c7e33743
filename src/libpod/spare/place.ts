import { lstatSync, mkdirSync } from 'node:fs'

/** Where a spare process waits. bin/tspod knows it too. */
const FOLDER = '/var/cache/tspod/spare'

const OTHERS = 0o077
/** sockaddr_un holds 108 bytes with the NUL. */
const LONGEST_SOCKET = 107

export interface SparePlace {
  folder: string
  socket: string
  /** Held by the one that waits. */
  lock: string
  /** What bin/tspod becomes: src/runtime/program/hand-over.ts. */
  program: string
}

const isPrivate = (folder: string): boolean => {
  const status = lstatSync(folder)
  return status.isDirectory() && status.uid === process.geteuid?.() && (status.mode & OTHERS) === 0
}

/**
 * Where this user's spare process waits, made where it is missing; undefined where there is none: an ordinary user's command runs
 * in namespaces of his, and TSPOD_SPARE, empty, turns it off. Otherwise it names another folder.
 */
export const sparePlace = (env: Readonly<Record<string, string | undefined>>): SparePlace | undefined => {
  const folder = env.TSPOD_SPARE ?? FOLDER
  const socket = `${folder}/socket`
  const isRoot = process.geteuid?.() === 0 && !env.TSPOD_ROOTLESS
  if (!isRoot || !folder.startsWith('/') || Buffer.byteLength(socket) > LONGEST_SOCKET) return undefined
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!isPrivate(folder)) return undefined
  } catch {
    // a filesystem that is read-only, for one
    return undefined
  }
  return { folder, socket, lock: `${folder}/lock`, program: `${folder}/tspod` }
}
