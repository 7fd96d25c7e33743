/** Names in archives: bytes as latin1 text, so that any name passes through and none is mangled. */

export const toBytes = (raw: string): Buffer => Buffer.from(raw, 'latin1')

/** For people: as UTF-8, quoted, on one line. */
export const shown = (raw: string): string => JSON.stringify(toBytes(raw).toString())

/**
 * A path relative to the root without empty, `.` and `..` parts; empty for the root itself. Undefined where it leads
 * out.
 */
export const cleanPath = (raw: string): string | undefined => {
  const parts: string[] = []
  for (const part of raw.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}

export const splitPath = (path: string): { folder: string; name: string } => {
  const slash = path.lastIndexOf('/')
  return slash === -1
    ? { folder: '', name: path }
    : { folder: path.slice(0, slash), name: path.slice(slash + 1) }
}
