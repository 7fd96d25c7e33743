import { createHash } from 'node:crypto'
import { TspodError } from '../../errors'
import { checked, type Kernel } from '../../kernel'
import { O } from '../../kernel/constants'
import { type Compression, openDecompressor } from '../archive/compression'
import { openTarReader } from '../archive/tar-reader'
import type { Staging } from '../store/staging'
import { type ExtractOptions, openExtractor } from './extract'
import { shifted } from './shift'

/** Unpacks one layer as its bytes come: decompresses, hashes and extracts them in one pass. */
export interface Unpacker {
  /** The chunk may be reused when the promise is settled. */
  push(chunk: Buffer): Promise<void> | void
  /** Digest and size of the uncompressed archive. */
  finish(): Promise<{ diffId: string; size: number; empty: boolean }>
  close(): void
}

export interface UnpackOptions extends ExtractOptions {
  compression: Compression
  /** The uncompressed digest where it is known already, as that of a plain file that was hashed before. */
  diffId?: string
}

/** Unpacks into the folder `name` of the staging area, which is made: `name/diff`. */
export const openUnpacker = async (
  kernel: Kernel,
  staging: Staging,
  name: string,
  options: UnpackOptions,
): Promise<Unpacker> => {
  const diff = `${name}/diff`
  checked(kernel.mkdirat(staging.fd, name, 0o700), 'mkdirat', name, `create ${staging.path}/${name}`)
  checked(kernel.mkdirat(staging.fd, diff, 0o755), 'mkdirat', diff, `create ${staging.path}/${diff}`)
  const { uid, gid } = shifted({ uid: 0, gid: 0 }, options.shift)
  if (options.shift) kernel.fchownat(staging.fd, diff, uid, gid)
  kernel.fchmodat(staging.fd, diff, 0o755)
  const root = kernel.openat(staging.fd, diff, O.RDONLY | O.DIRECTORY)
  const extractor = openExtractor(kernel, root, options)
  const reader = openTarReader(extractor)
  const hash = options.diffId === undefined ? createHash('sha256') : undefined
  let size = 0
  const decompressor = await openDecompressor(kernel, options.compression, (chunk) => {
    hash?.update(chunk)
    size += chunk.length
    reader.push(chunk)
  })
  return {
    push: (chunk) => decompressor.push(chunk),
    finish: async () => {
      await decompressor.finish()
      reader.finish()
      extractor.finish()
      return { diffId: options.diffId ?? `sha256:${hash?.digest('hex')}`, size, empty: !reader.started }
    },
    close: () => {
      decompressor.close()
      extractor.close()
      kernel.close(root)
    },
  }
}

export const wrongDigest = (what: string, found: string, wanted: string): TspodError =>
  new TspodError('damaged', `${what} is damaged: its digest is ${found}, not ${wanted}`, { object: what })
