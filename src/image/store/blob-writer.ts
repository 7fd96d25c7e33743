import { createHash } from 'node:crypto'
import { checked, type Kernel } from '../../kernel'
import { O } from '../../kernel/constants'
import type { Staging } from './staging'

/** A file in staging whose content is known: it becomes a blob, or is dropped. */
export interface StagedFile {
  /** Name in the staging folder. */
  name: string
  digest: string
  size: number
}

/** Writes a file into staging, and its digest with it. */
export interface BlobWriter {
  push(chunk: Buffer): void
  finish(): StagedFile
  /** Closes without finishing; nothing after `finish`. */
  abandon(): void
}

export const openBlobWriter = (kernel: Kernel, staging: Staging, what: string): BlobWriter => {
  const name = staging.fresh()
  const flags = O.WRONLY | O.CREAT | O.EXCL
  const fd = checked(kernel.openat2(staging.fd, name, flags, 0o600, 0), 'openat2', name, `create ${what}`)
  const hash = createHash('sha256')
  let size = 0
  let open = true
  const close = () => {
    if (open) kernel.close(fd)
    open = false
  }
  return {
    push: (chunk) => {
      kernel.writeFully(fd, chunk, what)
      hash.update(chunk)
      size += chunk.length
    },
    finish: () => {
      close()
      return { name, digest: `sha256:${hash.digest('hex')}`, size }
    },
    abandon: close,
  }
}

export const stageBytes = (kernel: Kernel, staging: Staging, bytes: Buffer, what: string): StagedFile => {
  const writer = openBlobWriter(kernel, staging, what)
  try {
    writer.push(bytes)
    return writer.finish()
  } finally {
    writer.abandon()
  }
}
