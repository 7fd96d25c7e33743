import { closeSync, constants, mkdirSync, openSync, rmSync, statSync, writeSync } from 'node:fs'
import { TspodError } from '../../errors'
import { errnoOf, fileError } from '../../state/files'
import type { ArchiveSource } from '../types'
import { openImageTarWriter } from './image-tar'

/** Where an archive's files go, one after another. */
export interface ArchiveTarget {
  file(
    name: string,
    size: number,
    write: (put: (chunk: Buffer) => Promise<void>) => Promise<void>,
  ): Promise<void>
  /** All is written. */
  finish(): Promise<void>
  /** Removes what was written. */
  abandon(): void
}

// A pipe that the reader is slow to empty may have been set not to wait.
const writeAll = async (fd: number, bytes: Buffer, name: string): Promise<void> => {
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at)
    } catch (error) {
      if (errnoOf(error) !== 'EAGAIN') throw fileError('write', name, error)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
  }
}

const create = (path: string): number => {
  const status = statSync(path, { throwIfNoEntry: false })
  if (status?.isFile() && status.size > 0)
    throw new TspodError('exists', `${path} exists: remove it first, or choose another file`, {
      object: path,
    })
  try {
    return openSync(path, constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC, 0o644)
  } catch (error) {
    throw fileError('create', path, error)
  }
}

export const openTarTarget = (target: ArchiveSource): ArchiveTarget => {
  const own = 'path' in target
  const fd = own ? create(target.path) : target.fd
  const name = own ? target.path : target.name
  const writer = openImageTarWriter((bytes) => writeAll(fd, bytes, name))
  return {
    file: writer.file,
    finish: async () => {
      await writer.finish()
      if (own) closeSync(fd)
    },
    abandon: () => {
      if (!own) return
      closeSync(fd)
      if (statSync(target.path, { throwIfNoEntry: false })?.isFile()) rmSync(target.path, { force: true })
    },
  }
}

export const openFolderTarget = (dir: string): ArchiveTarget => {
  const existed = statSync(dir, { throwIfNoEntry: false })
  if (existed && !existed.isDirectory())
    throw new TspodError('exists', `${dir} is no folder`, { object: dir })
  mkdirSync(dir, { recursive: true })
  return {
    file: async (entry, _size, write) => {
      const path = `${dir}/${entry}`
      mkdirSync(path.slice(0, path.lastIndexOf('/')), { recursive: true })
      const fd = openSync(path, 'w', 0o644)
      try {
        await write((chunk) => writeAll(fd, chunk, path))
      } finally {
        closeSync(fd)
      }
    },
    finish: async () => {},
    abandon: () => {
      if (!existed) rmSync(dir, { recursive: true, force: true })
    },
  }
}
