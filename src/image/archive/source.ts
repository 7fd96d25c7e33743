import { closeSync, constants, fstatSync, openSync, read, readSync } from 'node:fs'
import { TspodError } from '../../errors'
import type { ArchiveSource, Progress } from '../types'

/** Bytes in order. A chunk is valid until the next one is asked for. */
export interface ByteSource {
  /** Bytes in all; 0 where nobody knows. */
  readonly total: number
  read(): Promise<Buffer | undefined>
  close(): void
}

const CHUNK = 1 << 20
/** Reading a file never waits, so the event loop gets its turn after this much. */
const TURN = 16 << 20

const openPath = (path: string): number => {
  try {
    return openSync(path, constants.O_RDONLY)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? ''
    const text =
      code === 'ENOENT' ? 'no such file or directory' : code === 'EACCES' ? 'permission denied' : code
    throw new TspodError(
      'not-found',
      `open ${path}: ${text}`,
      { call: 'open', errno: code, object: path },
      error,
    )
  }
}

const readFailure = (name: string, error: unknown): TspodError => {
  const errno = (error as NodeJS.ErrnoException).code ?? 'unknown'
  const text = errno === 'EISDIR' ? 'is a directory' : errno
  return new TspodError('system', `read ${name}: ${text}`, { call: 'read', errno, object: name }, error)
}

/** Reads from a pipe or terminal; another process may have set it not to wait. */
const readStream = (fd: number, buffer: Buffer): Promise<number> =>
  new Promise((resolve, reject) => {
    read(fd, buffer, 0, buffer.length, null, (error, count) => {
      if (error?.code === 'EAGAIN') setTimeout(() => resolve(readStream(fd, buffer)), 5)
      else if (error) reject(error)
      else resolve(count)
    })
  })

/** Opens an archive for reading from its start, or from where a descriptor stands. */
export const openSource = (source: ArchiveSource): ByteSource => {
  const own = 'path' in source
  const fd = own ? openPath(source.path) : source.fd
  const name = own ? source.path : source.name
  const status = fstatSync(fd)
  const buffer = Buffer.allocUnsafeSlow(CHUNK)
  let sinceTurn = 0
  const next = async (): Promise<number> => {
    if (!status.isFile()) return readStream(fd, buffer)
    if (sinceTurn >= TURN) {
      sinceTurn = 0
      await new Promise(setImmediate)
    }
    sinceTurn += CHUNK
    return readSync(fd, buffer, 0, CHUNK, null)
  }
  return {
    total: status.isFile() ? status.size : 0,
    read: async () => {
      try {
        const count = await next()
        return count ? buffer.subarray(0, count) : undefined
      } catch (error) {
        throw readFailure(name, error)
      }
    },
    close: () => {
      if (own) closeSync(fd)
    },
  }
}

/** Hands all of a source to `take`, which may be slow, and says how far it is. */
export const drain = async (
  source: ByteSource,
  take: (chunk: Buffer) => Promise<void> | void,
  step: Omit<Parameters<Progress>[0], 'done' | 'total'>,
  progress?: Progress,
): Promise<void> => {
  let done = 0
  for (let chunk = await source.read(); chunk; chunk = await source.read()) {
    await take(chunk)
    done += chunk.length
    progress?.({ ...step, done, total: source.total })
  }
}
