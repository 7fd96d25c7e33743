import { openSparseWriter } from '../../../src/image/archive/sparse'
import { openTarReader, type TarEntry } from '../../../src/image/archive/tar-reader'

export interface ReadEntry extends TarEntry {
  /** The file as it is on the disk: holes are zeros. */
  content: Buffer
}

/** Everything in an archive, given to the reader in pieces of these sizes, over and over. */
export const readAll = (archive: Buffer, pieces: readonly number[] = [archive.length || 1]): ReadEntry[] => {
  const entries: ReadEntry[] = []
  let put: (chunk: Buffer) => void = () => {}
  const reader = openTarReader({
    entry: (entry) => {
      const content = Buffer.alloc(entry.sparse?.size ?? entry.size)
      let at = 0
      const copy = (bytes: Buffer, offset: number) => bytes.copy(content, offset)
      put = entry.sparse
        ? openSparseWriter(entry.sparse, copy)
        : (chunk) => {
            copy(chunk, at)
            at += chunk.length
          }
      entries.push({ ...entry, content })
    },
    data: (chunk) => put(chunk),
    end: () => {},
  })
  for (let at = 0, turn = 0; at < archive.length; turn++) {
    const size = pieces[turn % pieces.length] ?? 1
    // Readers may keep no reference to a chunk.
    const chunk = Buffer.from(archive.subarray(at, at + size))
    reader.push(chunk)
    chunk.fill(0xee)
    at += size
  }
  reader.finish()
  return entries
}
