import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { TspodError } from '../errors'
import { Errno, errnoText } from '../kernel/errno'

/** The errno name of an error that node:fs threw. */
export const errnoOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException)?.code

/** Text of a file, undefined where there is none. */
export const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw fileError('read', path, error)
  }
}

export const fileError = (doing: string, path: string, error: unknown): TspodError => {
  const code = errnoOf(error) ?? 'unknown'
  const errno = -((error as NodeJS.ErrnoException)?.errno ?? 0)
  const hint = errno === Errno.ENOSPC ? ': free some space on that disk and try again' : ''
  const text = errno ? errnoText(errno) : String(error)
  return new TspodError(
    'system',
    `${doing} ${path}: ${text}${hint}`,
    { call: doing, errno: code, object: path },
    error,
  )
}

const writeAll = (path: string, text: string, mode: number, lasting: boolean): void => {
  const fd = openSync(path, 'w', mode)
  try {
    const bytes = Buffer.from(text)
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at)
    if (lasting) fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/** Makes the entries of a folder last over a power cut. */
export const syncFolder = (path: string): void => {
  const fd = openSync(path, 'r')
  try {
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

/**
 * Replaces a file so that a reader, or a crash at any moment, finds either the old text or the new one. Where it is not
 * `lasting`, a power cut may bring the old one back.
 */
export const writeAtomically = (path: string, text: string, mode = 0o600, lasting = true): void => {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    writeAll(temporary, text, mode, lasting)
    renameSync(temporary, path)
    if (lasting) syncFolder(dirname(path))
  } catch (error) {
    rmSync(temporary, { force: true })
    throw fileError('write', path, error)
  }
}
