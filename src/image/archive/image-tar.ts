/** The tar files that images travel in: plain files, read and written by tar-stream. What layers hold is tar-reader's. */
import { type Extract, type Header, extract as openExtract, pack as openPack } from 'tar-stream'
import { isTspodError, TspodError } from '../../errors'
import { damaged } from './tar-header'

/** Told of the archive's files in their order. */
export interface ImageTarHandler {
  entry(name: string, type: 'file' | 'link' | 'symlink' | 'other', linkName: string): void
  data(chunk: Buffer): void
  end(): void
}

export interface ImageTarReader {
  /** Takes a chunk, which may be reused afterwards. */
  push(chunk: Buffer): void
  /** Waits until what was pushed went to the handler. */
  settle(): Promise<void>
  /** The archive has ended. */
  finish(): Promise<void>
  close(): void
}

// tar-stream's words, as far as they are known, in ours.
const asDamage = (error: unknown, begun: boolean): TspodError => {
  if (isTspodError(error)) return error
  const text = (error as Error).message
  if (!begun && /invalid tar header/i.test(text)) return new TspodError('invalid', 'it is no tar archive')
  if (/unexpected end/i.test(text)) return damaged('it ends in the middle')
  return damaged(/invalid tar header/i.test(text) ? 'a header is none' : text)
}

const typeOf = (type: Header['type']): Parameters<ImageTarHandler['entry']>[1] => {
  if (type === 'file' || type === 'contiguous-file') return 'file'
  return type === 'link' || type === 'symlink' ? type : 'other'
}

const listen = (extract: Extract, handler: ImageTarHandler, begun: () => void): void => {
  extract.on('entry', (header, stream, next) => {
    begun()
    const attempt = (act: () => void) => {
      try {
        act()
      } catch (error) {
        extract.destroy(error as Error)
      }
    }
    stream.on('error', () => {})
    attempt(() => handler.entry(header.name, typeOf(header.type), header.linkname ?? ''))
    stream.on('data', (chunk) => attempt(() => handler.data(chunk as Buffer)))
    stream.on('end', () => {
      attempt(() => handler.end())
      next()
    })
  })
}

export const openImageTarReader = (handler: ImageTarHandler): ImageTarReader => {
  const extract = openExtract({ filenameEncoding: 'latin1' } as object)
  let failure: TspodError | undefined
  let waiting: Promise<void> | undefined
  let begun = false
  const ended = new Promise<void>((resolve) => {
    extract.on('error', (error: Error) => {
      failure ??= asDamage(error, begun)
    })
    extract.on('close', () => resolve())
  })
  const drained = () => new Promise<void>((resolve) => extract.once('drain', () => resolve()))
  const check = () => {
    if (failure) throw failure
  }
  listen(extract, handler, () => {
    begun = true
  })
  return {
    push: (chunk) => {
      if (!failure && !extract.write(Buffer.from(chunk))) waiting ??= drained()
    },
    settle: async () => {
      if (waiting) await Promise.race([waiting, ended])
      waiting = undefined
      check()
    },
    finish: async () => {
      check()
      extract.end(null)
      await ended
      check()
    },
    close: () => {
      extract.destroy()
    },
  }
}

export interface ImageTarWriter {
  file(
    name: string,
    size: number,
    write: (put: (chunk: Buffer) => Promise<void>) => Promise<void>,
  ): Promise<void>
  finish(): Promise<void>
}

/** Writes a tar file; `put` takes each piece of it in turn. */
export const openImageTarWriter = (put: (chunk: Buffer) => Promise<void>): ImageTarWriter => {
  const pack = openPack()
  const pumping = (async () => {
    for await (const chunk of pack) await put(chunk as Buffer)
  })()
  // Who writes next is told of the failure; nobody may be waiting yet.
  pumping.catch((error: Error) => pack.destroy(error))
  const file: ImageTarWriter['file'] = async (name, size, write) => {
    const header = { name, size, mode: 0o444, mtime: new Date(0) }
    const done = new Promise<void>((resolve, reject) => {
      const entry = pack.entry(header, (error) => (error ? reject(error) : resolve()))
      const drained = () => new Promise<void>((empty) => entry.once('drain', () => empty()))
      write(async (chunk) => {
        // The chunk is its owner's again when we return.
        if (!entry.write(Buffer.from(chunk))) await Promise.race([drained(), pumping])
      }).then(() => entry.end(null), reject)
    })
    await Promise.race([done, pumping])
  }
  return {
    file,
    finish: async () => {
      pack.finalize()
      await pumping
    },
  }
}
