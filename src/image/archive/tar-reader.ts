/**
 * Reads a tar archive as its bytes come, in one pass and without waiting: ustar, GNU and PAX, with binary attributes,
 * names in any encoding, and sparse files. Why not a package: docs/adr/2026-11-22-tar-reader.md.
 */
import { TspodError } from '../../errors'
import { paxInteger } from './pax'
import { headerMap, openDataMap, openOldSparse } from './sparse'
import { makeEntry, nothingExtended, readSpecial, type TarEntry } from './tar-entry'
import { BLOCK, damaged, parseHeader, type TarHeader } from './tar-header'

export type { TarEntry } from './tar-entry'

/** Told of the archive's content in its order. Chunks are valid during the call alone. */
export interface TarHandler {
  entry(entry: TarEntry): void
  data(chunk: Buffer): void
  /** The entry is complete. */
  end(): void
}

export interface TarReader {
  push(chunk: Buffer): void
  /** The archive has ended: throws where it was cut. */
  finish(): void
  /** Whether an entry was seen. */
  readonly started: boolean
}

// Same bound as Go's archive/tar, and so Podman's.
const MAX_SPECIAL = 1 << 20

const padding = (size: number) => (BLOCK - (size % BLOCK)) % BLOCK

class Reader implements TarReader {
  started = false
  /** What the next `#wanted` bytes are for. */
  #take: (bytes: Buffer) => void
  #wanted = BLOCK
  readonly #partial: Buffer[] = []
  #gathered = 0
  /** Bytes of the entry's data still to come, and of padding after them. */
  #data = 0
  #skip = 0
  #zeros = 0
  /** Whether a header was read. */
  #any = false
  #extended = nothingExtended()
  readonly #handler: TarHandler

  constructor(handler: TarHandler) {
    this.#handler = handler
    this.#take = this.#onHeader
  }

  push(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      // Two blocks of zeros end the archive; whatever follows is no part of it.
      if (this.#zeros >= 2) return
      const rest = at ? chunk.subarray(at) : chunk
      if (this.#data > 0) at += this.#pass(rest)
      else if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, rest.length)
        this.#skip -= skipped
        at += skipped
      } else at += this.#gather(rest)
    }
  }

  finish(): void {
    if (this.#zeros > 0) return
    if (!this.#any && this.#gathered > 0) throw new TspodError('invalid', 'it is no tar archive')
    const { records, name, linkName } = this.#extended
    const waiting = records.size > 0 || name !== undefined || linkName !== undefined
    if (this.#data > 0 || this.#gathered > 0 || this.#take !== this.#onHeader || waiting)
      throw damaged('it ends in the middle')
  }

  #pass(chunk: Buffer): number {
    const part = chunk.length <= this.#data ? chunk : chunk.subarray(0, this.#data)
    this.#data -= part.length
    this.#handler.data(part)
    if (this.#data === 0) this.#handler.end()
    return part.length
  }

  #gather(chunk: Buffer): number {
    if (this.#gathered === 0 && chunk.length >= this.#wanted) {
      const used = this.#wanted
      this.#take(chunk.subarray(0, used))
      return used
    }
    const part = Buffer.from(chunk.subarray(0, this.#wanted - this.#gathered))
    this.#partial.push(part)
    this.#gathered += part.length
    if (this.#gathered === this.#wanted) {
      this.#gathered = 0
      this.#take(Buffer.concat(this.#partial.splice(0)))
    }
    return part.length
  }

  #expect(bytes: number, take: (bytes: Buffer) => void): void {
    this.#wanted = bytes
    this.#take = take
  }

  readonly #onHeader = (block: Buffer): void => {
    const parsed = this.#parse(block)
    if (!parsed) {
      this.#zeros++
      return
    }
    this.#zeros = 0
    if ('LKxg'.includes(parsed.flag)) this.#onSpecialHeader(parsed)
    else this.#onPlainHeader(parsed)
  }

  #onPlainHeader(parsed: TarHeader): void {
    const holdsData = parsed.flag === '0' || parsed.flag === '7'
    const size = holdsData ? paxInteger(this.#extended.records, 'size') : undefined
    const header = size === undefined ? parsed : { ...parsed, size }
    if (header.size < 0) throw damaged('an entry has a negative size')
    // A volume's label is no file.
    if (header.flag === 'V') this.#extended = nothingExtended()
    else this.#onEntry(header)
  }

  #parse(block: Buffer): TarHeader | undefined {
    try {
      return parseHeader(block)
    } catch (error) {
      if (this.#any) throw error
      throw new TspodError('invalid', 'it is no tar archive', {}, error)
    } finally {
      this.#any = true
    }
  }

  #onSpecialHeader({ flag, size }: TarHeader): void {
    if (size > MAX_SPECIAL || size < 0) throw damaged(`an extended header of ${size} bytes is too large`)
    const read = (bytes: Buffer) => {
      readSpecial(flag, bytes.subarray(0, size), this.#extended)
      this.#expect(BLOCK, this.#onHeader)
    }
    if (size === 0) read(Buffer.alloc(0))
    else this.#expect(size + padding(size), read)
  }

  #onEntry(header: TarHeader): void {
    const entry = makeEntry(header, this.#extended)
    const { sparse } = this.#extended
    if (header.flag === 'S') {
      const map = openOldSparse({ ...header, block: Buffer.from(header.block) })
      this.#readMap(map, () => this.#begin({ ...entry, sparse: map.map() }))
    } else if (!sparse || entry.type !== 'file') this.#begin(entry)
    else if (sparse.segments) this.#begin({ ...entry, sparse: headerMap(sparse, entry.size) })
    else {
      const map = openDataMap(sparse, entry.size)
      this.#readMap(map, () =>
        this.#begin({ ...entry, size: entry.size - map.taken(), sparse: map.map() }, map.taken()),
      )
    }
  }

  #readMap(map: { more(): boolean; push(block: Buffer): void }, done: () => void): void {
    if (!map.more()) done()
    else
      this.#expect(BLOCK, (block) => {
        map.push(block)
        this.#readMap(map, done)
      })
  }

  /** `taken`: bytes of the entry that a sparse map took. */
  #begin(entry: TarEntry, taken = 0): void {
    this.started = true
    this.#extended = nothingExtended()
    this.#expect(BLOCK, this.#onHeader)
    this.#data = entry.size
    this.#skip = padding(entry.size + taken)
    this.#handler.entry(entry)
    if (entry.size === 0) this.#handler.end()
  }
}

export const openTarReader = (handler: TarHandler): TarReader => new Reader(handler)
