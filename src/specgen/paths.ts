import { posix } from 'node:path'
import { invalid, quoted } from './refusal'

/** A place inside the container: absolute, without `.` and `..`, without a slash at the end. */
export const containerPath = (path: string): string => {
  if (path === '') throw invalid('container directory cannot be empty')
  if (!path.startsWith('/')) throw invalid(`invalid container path ${quoted(path)}, must be an absolute path`)
  const clean = posix.normalize(path)
  return clean.length > 1 && clean.endsWith('/') ? clean.slice(0, -1) : clean
}

/** How many folders deep a path lies; the root is 0. */
export const depth = (path: string): number => (path === '/' ? 0 : path.split('/').length - 1)

const classText = (pattern: string): string => pattern.replaceAll('\\', '\\\\').replace(/^\^/, '^')

/** Whether a path matches a pattern of Go's filepath.Match: `*` and `?` stop at slashes. */
export const matches = (pattern: string, path: string): boolean => {
  const unclosed = /\[(?![^\]]+\])/.test(pattern)
  if (unclosed) return false
  const source = pattern.replace(
    /\[([^\]]+)\]|\\(.)|(\*)|(\?)|[.+^${}()|[\]\\]/g,
    (all, set?: string, escaped?: string, star?: string, mark?: string) => {
      if (set !== undefined) return `[${classText(set)}]`
      if (escaped !== undefined) return escaped.replace(/\W/, '\\$&')
      if (star) return '[^/]*'
      if (mark) return '[^/]'
      return `\\${all}`
    },
  )
  try {
    return new RegExp(`^${source}$`, 's').test(path)
  } catch {
    return false
  }
}
