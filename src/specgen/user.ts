import type { ResolvedUser } from './context-types'

/**
 * Looks up `user[:group]` and supplementary groups in the image's /etc/passwd and /etc/group. `readFile` gets a path
 * inside the image's root and returns undefined where there is no such file.
 */
export const resolveUser = (
  _user: string,
  _groups: readonly string[],
  _readFile: (path: string) => string | undefined,
): ResolvedUser => {
  throw new Error('not written yet')
}
