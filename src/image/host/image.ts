import type { Kernel } from '../../kernel'
import { drain, openSource } from '../archive/source'
import { tarEnd, tarHeader, tarPadding } from '../archive/tar-writer'
import { commandOf } from '../changes'
import { type StoreContext, withStaging } from '../context'
import { goTime } from '../go-json'
import { installLayer } from '../import'
import { hostPlatform } from '../platform'
import { formatReference, normalizeName } from '../reference'
import { type BlobWriter, openBlobWriter, type StagedFile } from '../store/blob-writer'
import type { Staging } from '../store/staging'
import type { FromHostOptions, FromHostResult, Progress } from '../types'
import { type Collection, collectPrograms } from './collect'
import type { HostEntry, HostTree } from './host-tree'
import { PATH } from './programs'

const DEFAULT_NAME = 'host'

/** Names of the host are UTF-8 text, names in archives bytes as latin1 text. */
const raw = (name: string): string => Buffer.from(name).toString('latin1')

/** Attributes that matter to a program: the capabilities of `ping`, for one. */
const xattrsOf = (kernel: Kernel, path: string): Map<string, Buffer> => {
  const value = kernel.lgetxattr(path, 'security.capability')
  return new Map(value ? [['security.capability', value]] : [])
}

class LayerWriter {
  readonly #kernel: Kernel
  readonly #writer: BlobWriter
  readonly #progress: Progress | undefined
  #written = 0
  /** First name of each file that has several. */
  readonly #links = new Map<string, string>()

  constructor(kernel: Kernel, writer: BlobWriter, progress: Progress | undefined) {
    this.#kernel = kernel
    this.#writer = writer
    this.#progress = progress
  }

  async put(path: string, entry: HostEntry, total: number): Promise<void> {
    const name = raw(path)
    if (entry.type === 'directory')
      this.#writer.push(tarHeader({ name, type: 'directory', mode: entry.mode }))
    else if (entry.type === 'symlink')
      this.#writer.push(tarHeader({ name, type: 'symlink', mode: 0o777, linkName: raw(entry.target) }))
    else if (entry.type === 'text') this.#text(name, entry.text, entry.mode)
    else await this.#file(name, entry, total)
  }

  #text(name: string, text: string, mode: number): void {
    const bytes = Buffer.from(text)
    this.#writer.push(tarHeader({ name, type: 'file', mode, size: bytes.length }))
    this.#writer.push(bytes)
    this.#writer.push(tarPadding(bytes.length))
  }

  async #file(name: string, { path, status }: HostEntry & { type: 'file' }, total: number): Promise<void> {
    const identity = `${status.dev}:${status.ino}`
    const first = status.nlink > 1 ? this.#links.get(identity) : undefined
    if (first !== undefined) {
      this.#writer.push(tarHeader({ name, type: 'link', mode: status.mode, linkName: first }))
      return
    }
    this.#links.set(identity, name)
    const seconds = Math.floor(status.mtimeMs / 1000)
    const xattrs = xattrsOf(this.#kernel, path)
    const source = openSource({ path })
    try {
      // A program may be replaced while it is read; the header's size is what counts.
      const size = source.total
      this.#writer.push(tarHeader({ name, type: 'file', mode: status.mode, size, seconds, xattrs }))
      let left = size
      const take = (chunk: Buffer) => {
        this.#writer.push(chunk.length > left ? chunk.subarray(0, left) : chunk)
        left = Math.max(0, left - chunk.length)
      }
      await drain(source, take, { phase: 'reading', item: path })
      if (left > 0) this.#writer.push(Buffer.alloc(left))
      this.#writer.push(tarPadding(size))
      this.#written += size
      this.#progress?.({ phase: 'reading', item: path, done: this.#written, total })
    } finally {
      source.close()
    }
  }
}

const sizeOf = (tree: HostTree): number =>
  [...tree.entries.values()].reduce((sum, entry) => sum + (entry.type === 'file' ? entry.status.size : 0), 0)

const stageTree = async (
  { kernel }: StoreContext,
  staging: Staging,
  tree: HostTree,
  progress?: Progress,
): Promise<StagedFile> => {
  const writer = openBlobWriter(kernel, staging, 'layer')
  const layer = new LayerWriter(kernel, writer, progress)
  const total = sizeOf(tree)
  try {
    const paths = [...tree.entries].sort(([a], [b]) => (a < b ? -1 : 1))
    for (const [path, entry] of paths) await layer.put(path, entry, total)
    writer.push(tarEnd())
    return writer.finish()
  } finally {
    writer.abandon()
  }
}

const shellOf = ({ programs }: Collection): string[] => {
  const path = programs.get('bash') ?? programs.get('sh') ?? programs.values().next().value
  return path === undefined ? [] : [path]
}

/** `image from-host`: an image of one layer from programs of this host. */
export const imageFromHost = async (
  context: StoreContext,
  name: string,
  names: readonly string[],
  options: FromHostOptions = {},
): Promise<FromHostResult> => {
  const full = formatReference(normalizeName(name || DEFAULT_NAME))
  const collection = collectPrograms(context.kernel, names)
  const { tree, programs, missing, missingLibraries } = collection
  const command = options.command === undefined ? shellOf(collection) : commandOf(options.command)
  const id = await withStaging(context, async (staging) => {
    const file = await stageTree(context, staging, tree, options.progress)
    const describe = () => ({
      created: goTime(BigInt(Date.now()) * 1_000_000n),
      createdBy: ['tspod image from-host', ...names].join(' '),
      comment: 'made from programs of the host',
      config: { Env: [`PATH=${PATH}`], ...(command.length && { Cmd: command }) },
      platform: hostPlatform(),
      names: [full],
    })
    return installLayer(context, staging, file, describe, options)
  })
  return { id, name: full, programs: [...programs.values()], missing, missingLibraries }
}
