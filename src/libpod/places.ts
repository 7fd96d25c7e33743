import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { TspodError } from '../errors'

/** Where the state of a user lies. */
export interface Places {
  root: string
  runroot: string
  /** Whether it is an ordinary user's. */
  rootless: boolean
}

/** What tells an ordinary user from root, and where he keeps his things. */
export interface UserFacts {
  uid: number
  env: Readonly<Record<string, string | undefined>>
  /** Whether we are in a user namespace other than the host's first. */
  namespaced: boolean
  owns(path: string): boolean
}

const absolute = (path: string | undefined): string | undefined => (path?.startsWith('/') ? path : undefined)

/** bin/tspod leaves the run-time folder in TSPOD_ROOTLESS when it enters the user's namespaces, where his id is 0. */
const isRootless = (user: UserFacts): boolean => {
  const { uid, env } = user
  // the namespace is looked at only where it matters: it is a file of /proc
  return uid !== 0 || (Boolean(env.TSPOD_ROOTLESS) && user.namespaced)
}

const runtimeFolder = ({ uid, env, owns }: UserFacts): string => {
  if (env.TSPOD_ROOTLESS) return env.TSPOD_ROOTLESS
  // cron and su set no variable, and must find what the session's commands made.
  const folders = [absolute(env.XDG_RUNTIME_DIR), `/run/user/${uid}`]
  return folders.find((folder) => folder && owns(folder)) ?? `/tmp/tspod-run-${uid}`
}

const dataFolder = ({ env }: UserFacts): string => {
  const home = absolute(env.HOME)
  const folder = absolute(env.XDG_DATA_HOME) ?? (home && join(home, '.local/share'))
  if (folder) return folder
  throw new TspodError('usage', 'no place for your containers: set HOME, or XDG_DATA_HOME')
}

/** The folders of a user by the XDG base directory specification, root's by the filesystem hierarchy standard. */
export const placesOf = (user: UserFacts, given: Partial<Pick<Places, 'root' | 'runroot'>> = {}): Places => {
  const rootless = isRootless(user)
  return {
    root: given.root ?? (rootless ? join(dataFolder(user), 'tspod') : '/var/lib/tspod'),
    runroot: given.runroot ?? (rootless ? join(runtimeFolder(user), 'tspod') : '/run/tspod'),
    rootless,
  }
}

/** Whether the text of /proc/self/uid_map is that of another user namespace than the host's first. */
export const isNamespaced = (map: string): boolean => !/^\s*0\s+0\s+4294967295\s*$/.test(map)

const ownMap = (): string => {
  try {
    return readFileSync('/proc/self/uid_map', 'latin1')
  } catch {
    return '0 0 4294967295'
  }
}

/** The user whose process this is. */
export const currentUser = (): UserFacts => {
  const uid = process.geteuid?.() ?? 0
  return {
    uid,
    env: process.env,
    get namespaced() {
      return isNamespaced(ownMap())
    },
    owns: (path) => {
      try {
        return statSync(path).uid === uid
      } catch {
        return false
      }
    },
  }
}
