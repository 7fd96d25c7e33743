import { lstatSync, mkdirSync } from 'node:fs'

/** Where root's spare process waits. bin/tspod knows it too. */
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
  /** Names the process that holds an ordinary user's namespaces: a spare process is in them, his launcher is not. */
  holder: string | undefined
}

const isPrivate = (folder: string): boolean => {
  const status = lstatSync(folder)
  return status.isDirectory() && status.uid === process.geteuid?.() && (status.mode & OTHERS) === 0
}

/**
 * Where this user's spare process waits, made where it is missing; undefined where there is none. An ordinary user's is in
 * his namespaces, and its folder is in his run-time folder. TSPOD_SPARE names another folder, or, empty, none.
 */
export const sparePlace = (env: Readonly<Record<string, string | undefined>>): SparePlace | undefined => {
  const entered = Boolean(env.TSPOD_ROOTLESS)
  const folder = env.TSPOD_SPARE ?? (entered ? `${env.TSPOD_ROOTLESS}/tspod/spare` : FOLDER)
  const socket = `${folder}/socket`
  const isRoot = process.geteuid?.() === 0
  if (!isRoot || !folder.startsWith('/') || Buffer.byteLength(socket) > LONGEST_SOCKET) return undefined
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    if (!isPrivate(folder)) return undefined
  } catch {
    // a filesystem that is read-only, for one
    return undefined
  }
  const holder = entered ? `${env.TSPOD_ROOTLESS}/tspod/holder` : undefined
  return { folder, socket, lock: `${folder}/lock`, program: `${folder}/tspod`, holder }
}
