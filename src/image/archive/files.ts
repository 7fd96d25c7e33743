/** The files of an image archive, copied into staging and hashed as they pass: from a tar file or stream, or a folder. */
import { readFileSync, statSync } from 'node:fs'
import { TspodError } from '../../errors'
import type { Kernel } from '../../kernel'
import { cleanPath, shown, splitPath } from '../layers/names'
import { type BlobWriter, openBlobWriter, type StagedFile } from '../store/blob-writer'
import type { Staging } from '../store/staging'
import type { Progress } from '../types'
import { detectCompression, openDecompressor } from './compression'
import { type ImageTarHandler, openImageTarReader } from './image-tar'
import { type ByteSource, drain, openSource } from './source'

export interface ArchiveFiles {
  /** The file of that name, links followed; undefined where there is none. */
  open(name: string): Promise<StagedFile | undefined>
  has(name: string): boolean
}

const SLICE = 128 << 10
const MAX_FILES = 20_000
const MAX_DOCUMENT = 16 << 20

/** Reads a staged document whole. */
export const readStaged = (staging: Staging, file: StagedFile, what: string): Buffer => {
  if (file.size > MAX_DOCUMENT)
    throw new TspodError('damaged', `${what} is too large: ${file.size} bytes`, { object: what })
  return readFileSync(`${staging.path}/${file.name}`)
}

class TarFiles implements ArchiveFiles, ImageTarHandler {
  readonly #files = new Map<string, StagedFile>()
  /** Links by their full path inside the archive. */
  readonly #links = new Map<string, string>()
  readonly #kernel: Kernel
  readonly #staging: Staging
  #writer: BlobWriter | undefined
  #name = ''

  constructor(kernel: Kernel, staging: Staging) {
    this.#kernel = kernel
    this.#staging = staging
  }

  entry(path: string, type: 'file' | 'link' | 'symlink' | 'other', linkName: string): void {
    const name = cleanPath(path)
    if (name === undefined)
      throw new TspodError('damaged', `archive is damaged: ${shown(path)} leads out of it`)
    if (this.#files.size + this.#links.size > MAX_FILES)
      throw new TspodError('damaged', `archive is no image: it has more than ${MAX_FILES} files`)
    this.#name = name
    if (type === 'link') this.#links.set(name, cleanPath(linkName) ?? '')
    else if (type === 'symlink')
      this.#links.set(name, cleanPath(`${splitPath(name).folder}/${linkName}`) ?? '')
    else if (type === 'file') this.#writer = openBlobWriter(this.#kernel, this.#staging, shown(name))
  }

  data(chunk: Buffer): void {
    this.#writer?.push(chunk)
  }

  end(): void {
    if (this.#writer) this.#files.set(this.#name, this.#writer.finish())
    this.#writer = undefined
  }

  abandon(): void {
    this.#writer?.abandon()
  }

  has(name: string): boolean {
    return this.#follow(name) !== undefined
  }

  async open(name: string): Promise<StagedFile | undefined> {
    return this.#follow(name)
  }

  #follow(name: string): StagedFile | undefined {
    let at = cleanPath(name)
    for (let links = 0; at && links < 8; links++) {
      const file = this.#files.get(at)
      if (file) return file
      at = this.#links.get(at)
    }
    return undefined
  }
}

/** At least enough bytes to tell the compression by. */
export const readHead = async (source: ByteSource): Promise<Buffer> => {
  const parts: Buffer[] = []
  let length = 0
  while (length < 512) {
    const chunk = await source.read()
    if (!chunk) break
    parts.push(Buffer.from(chunk))
    length += chunk.length
  }
  return Buffer.concat(parts)
}

/** Copies all files of a tar archive, compressed or not, into staging. */
export const stageTar = async (
  kernel: Kernel,
  staging: Staging,
  source: ByteSource,
  name: string,
  progress?: Progress,
): Promise<ArchiveFiles> => {
  const head = await readHead(source)
  const files = new TarFiles(kernel, staging)
  const reader = openImageTarReader(files)
  const codec = await openDecompressor(kernel, detectCompression(head), reader.push)
  // In slices: what one of them becomes is kept in memory until it is read, however well it was compressed.
  const take = async (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += SLICE) {
      await codec.push(chunk.subarray(at, at + SLICE))
      await reader.settle()
    }
  }
  try {
    await take(head)
    await drain(source, take, { phase: 'reading', item: name }, progress)
    await codec.finish()
    await reader.finish()
  } finally {
    codec.close()
    reader.close()
    files.abandon()
  }
  return files
}

/** The files of an unpacked archive, copied when they are asked for. */
export const stageFolder = (
  kernel: Kernel,
  staging: Staging,
  dir: string,
  progress?: Progress,
): ArchiveFiles => {
  const isFile = (name: string) => statSync(`${dir}/${name}`, { throwIfNoEntry: false })?.isFile() ?? false
  return {
    has: isFile,
    open: async (name) => {
      if (!isFile(name)) return undefined
      const source = openSource({ path: `${dir}/${name}` })
      const writer = openBlobWriter(kernel, staging, name)
      try {
        await drain(source, writer.push, { phase: 'reading', item: name }, progress)
        return writer.finish()
      } finally {
        writer.abandon()
        source.close()
      }
    },
  }
}
