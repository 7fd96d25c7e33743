import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeSync,
} from 'node:fs'
import { TspodError } from '../../errors'

/** What is done with cgroupfs. An errno such as `EBUSY` comes as the `code` of the error thrown. */
export interface CgroupFiles {
  read(path: string): string
  /** To an existing file, in one write(2): the kernel takes each as a whole. */
  write(path: string, text: string): void
  mkdir(path: string): void
  rmdir(path: string): void
  folders(path: string): string[]
  exists(path: string): boolean
  kill(pid: number): void
  sleep(milliseconds: number): void
}

export const realFiles: CgroupFiles = {
  read: (path) => readFileSync(path, 'latin1'),
  write: (path, text) => {
    const fd = openSync(path, 'r+')
    try {
      writeSync(fd, text)
    } finally {
      closeSync(fd)
    }
  },
  mkdir: (path) => mkdirSync(path, 0o755),
  rmdir: (path) => rmdirSync(path),
  folders: (path) =>
    readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name),
  exists: (path) => existsSync(path),
  kill: (pid) => process.kill(pid, 'SIGKILL'),
  sleep: (milliseconds) => {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds)
  },
}

export const errnoOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException | undefined)?.code ?? 'unknown'

const texts: Record<string, string> = {
  EACCES: 'permission denied',
  EBUSY: 'device or resource busy',
  EINVAL: 'invalid argument',
  ENOENT: 'no such file or directory',
  ENOSPC: 'no space left on device',
  EOPNOTSUPP: 'operation not supported',
  EPERM: 'operation not permitted',
  ERANGE: 'numerical result out of range',
  EROFS: 'read-only file system',
}

export const cgroupError = (doing: string, path: string, error: unknown): TspodError => {
  const errno = errnoOf(error)
  const context = { call: (error as NodeJS.ErrnoException).syscall, errno, object: path }
  return new TspodError('system', `${doing}: ${path}: ${texts[errno] ?? errno}`, context, error)
}

/** The text of a file, undefined where it can't be read. */
export const readOptional = (files: CgroupFiles, path: string): string | undefined => {
  try {
    return files.read(path)
  } catch {
    return undefined
  }
}

/** A number in a file; `max` and what is missing are undefined. */
export const readNumber = (files: CgroupFiles, path: string): number | undefined => {
  const text = readOptional(files, path)?.trim()
  return text === undefined || !/^\d+$/.test(text) ? undefined : Number(text)
}

/** The value after `key` in a file of `key value` lines. */
export const readField = (files: CgroupFiles, path: string, key: string): number => {
  const line = (readOptional(files, path) ?? '').split('\n').find((one) => one.startsWith(`${key} `))
  return line ? Number(line.slice(key.length + 1)) : 0
}

/** The folder and all below it, innermost first. */
export const tree = (files: CgroupFiles, path: string): string[] => {
  let below: string[] = []
  try {
    below = files.folders(path)
  } catch {
    return []
  }
  return [...below.flatMap((name) => tree(files, `${path}/${name}`)), path]
}
