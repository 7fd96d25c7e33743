/** Unpacks a layer's archive into a folder. The archive is hostile until proven otherwise: no path is ever followed by text. */
import { TspodError } from '../../errors'
import { Errno, type Kernel, syscallError } from '../../kernel'
import { O, RESOLVE, S } from '../../kernel/constants'
import { openSparseWriter } from '../archive/sparse'
import type { TarEntry, TarHandler } from '../archive/tar-reader'
import type { LayeredRoot } from '../layered-root'
import { type OverlayFlavor, opaqueXattr, setAttributes } from './attributes'
import { Folders } from './folders'
import { cleanPath, shown, splitPath, toBytes } from './names'
import { shifted } from './shift'
import { Whiteouts } from './whiteouts'

export interface ExtractOptions extends OverlayFlavor {
  /** The layers below; undefined for the lowest. */
  lower?: LayeredRoot
}

export interface Extractor extends TarHandler {
  /** Completes folders and whiteouts. */
  finish(): void
  /** Closes all; to be called in any case. */
  close(): void
}

interface OpenFile {
  fd: number
  parent: string
  name: string
  entry: TarEntry
  write(chunk: Buffer): void
}

/** Files above this size are compared with the room on the disk before they are begun. */
const LARGE = 64 << 20

const badLink = (entry: TarEntry, problem: string): TspodError =>
  new TspodError(
    'damaged',
    `archive is damaged: ${shown(entry.name)} links to ${shown(entry.linkName)}, ${problem}`,
  )

// makedev(3) of the C library, within the 32 bits that mknodat(2) takes.
const deviceNumber = ({ major, minor }: TarEntry): number =>
  (((minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)) >>> 0) as number

class LayerExtractor implements Extractor {
  readonly #kernel: Kernel
  readonly #flavor: OverlayFlavor
  readonly #folders: Folders
  readonly #whiteouts: Whiteouts
  /** Folders' attributes wait, as what is put into them changes their time. */
  readonly #waiting = new Map<string, TarEntry>()
  #file: OpenFile | undefined

  constructor(kernel: Kernel, root: number, options: ExtractOptions) {
    this.#kernel = kernel
    this.#flavor = options
    this.#folders = new Folders(kernel, root, options.lower, shifted({ uid: 0, gid: 0 }, options.shift))
    this.#whiteouts = new Whiteouts(kernel, this.#folders, {
      opaqueXattr: opaqueXattr(options),
      lower: options.lower,
    })
  }

  entry(entry: TarEntry): void {
    const path = cleanPath(entry.name)
    if (path === undefined)
      throw new TspodError('damaged', `archive is damaged: ${shown(entry.name)} leads out of its root`)
    if (path === '') {
      if (entry.type === 'directory') this.#waiting.set('', entry)
      return
    }
    const { folder, name } = splitPath(path)
    if (this.#whiteouts.note(folder, name)) return
    if (entry.type === 'directory') this.#makeFolder(path, folder, name, entry)
    else if (entry.type === 'file') this.#openFile(folder, name, entry)
    else if (entry.type === 'link') this.#link(path, folder, name, entry)
    else if (entry.type === 'symlink') this.#symlink(folder, name, entry)
    else this.#special(folder, name, entry)
  }

  data(chunk: Buffer): void {
    this.#file?.write(chunk)
  }

  end(): void {
    const file = this.#file
    if (!file) return
    this.#file = undefined
    const { sparse } = file.entry
    try {
      if (sparse) {
        const result = this.#kernel.ftruncate(file.fd, sparse.size)
        if (result < 0) throw syscallError('ftruncate', -result, file.name, `write ${shown(file.entry.name)}`)
      }
    } finally {
      this.#kernel.close(file.fd)
    }
    setAttributes(this.#kernel, this.#folders.make(file.parent), file.name, file.entry, this.#flavor)
  }

  finish(): void {
    this.#whiteouts.apply()
    for (const [path, entry] of this.#waiting) {
      const folder = this.#folders.find(path)
      if (folder !== undefined) setAttributes(this.#kernel, folder, '.', entry, this.#flavor)
    }
  }

  close(): void {
    if (this.#file) this.#kernel.close(this.#file.fd)
    this.#file = undefined
    this.#folders.forget()
  }

  /** Runs `make` again after removing what stands in its way; a later entry replaces an earlier one. */
  #replacing(folder: string, name: string, make: (parent: number) => number, entry: TarEntry): number {
    let result = make(this.#folders.make(folder))
    if (result === -Errno.EEXIST) {
      this.#remove(folder, name)
      result = make(this.#folders.make(folder))
    }
    if (result < 0) throw syscallError('openat2', -result, entry.name, `create ${shown(entry.name)}`)
    return result
  }

  #remove(folder: string, name: string): void {
    const parent = this.#folders.make(folder)
    if (this.#kernel.unlinkat(parent, toBytes(name), 0) < 0) this.#kernel.removeTree(parent, toBytes(name))
    const path = folder ? `${folder}/${name}` : name
    for (const waiting of this.#waiting.keys())
      if (waiting === path || waiting.startsWith(`${path}/`)) this.#waiting.delete(waiting)
    this.#folders.forget()
  }

  #makeFolder(path: string, folder: string, name: string, entry: TarEntry): void {
    const make = (parent: number): number => {
      const result = this.#kernel.mkdirat(parent, toBytes(name), 0o700)
      if (result !== -Errno.EEXIST) return result
      const status = this.#kernel.statAt(parent, toBytes(name))
      return status && (status.mode & S.IFMT) === S.IFDIR ? 0 : result
    }
    this.#replacing(folder, name, make, entry)
    this.#waiting.delete(path)
    this.#waiting.set(path, entry)
  }

  #openFile(folder: string, name: string, entry: TarEntry): void {
    if (entry.size > LARGE) this.#checkRoom(entry)
    const flags = O.WRONLY | O.CREAT | O.EXCL | O.NOFOLLOW
    const rules = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS
    const open = (parent: number) => this.#kernel.openat2(parent, toBytes(name), flags, 0o600, rules)
    const fd = this.#replacing(folder, name, open, entry)
    const put = (bytes: Buffer, offset?: number) =>
      this.#kernel.writeFully(fd, bytes, toBytes(entry.name).toString(), offset)
    const write = entry.sparse ? openSparseWriter(entry.sparse, put) : (chunk: Buffer) => put(chunk)
    this.#file = { fd, parent: folder, name, entry, write }
  }

  #checkRoom(entry: TarEntry): void {
    const { available } = this.#kernel.statfs(`/proc/self/fd/${this.#folders.root}/.`)
    if (entry.size > available)
      throw syscallError(
        'write',
        Errno.ENOSPC,
        entry.name,
        `unpack ${shown(entry.name)} of ${entry.size} bytes`,
      )
  }

  #link(path: string, folder: string, name: string, entry: TarEntry): void {
    const target = cleanPath(entry.linkName)
    if (target === undefined) throw badLink(entry, 'which leads out of its root')
    if (target === path) return
    const from = splitPath(target)
    const source = this.#folders.find(from.folder)
    if (source === undefined || from.name === '' || !this.#kernel.statAt(source, toBytes(from.name)))
      throw badLink(entry, 'which is not there')
    const link = (parent: number): number => {
      const again = this.#folders.find(from.folder)
      if (again === undefined) throw badLink(entry, 'which is not there')
      return this.#kernel.linkat(again, toBytes(from.name), parent, toBytes(name))
    }
    this.#replacing(folder, name, link, entry)
  }

  #symlink(folder: string, name: string, entry: TarEntry): void {
    const make = (parent: number) => this.#kernel.symlinkat(toBytes(entry.linkName), parent, toBytes(name))
    this.#replacing(folder, name, make, entry)
    setAttributes(this.#kernel, this.#folders.make(folder), name, entry, this.#flavor)
  }

  #special(folder: string, name: string, entry: TarEntry): void {
    // overlayfs reads a device 0:0 as a whiteout.
    if (entry.type === 'character' && entry.major === 0 && entry.minor === 0) {
      this.#whiteouts.hide(folder, name)
      return
    }
    if (entry.type !== 'fifo' && this.#flavor.userXattr) return
    const types = { character: S.IFCHR, block: S.IFBLK, fifo: S.IFIFO } as const
    const type = types[entry.type as keyof typeof types]
    const device = entry.type === 'fifo' ? 0 : deviceNumber(entry)
    const make = (parent: number) => this.#kernel.mknodat(parent, toBytes(name), type | 0o600, device)
    this.#replacing(folder, name, make, entry)
    setAttributes(this.#kernel, this.#folders.make(folder), name, entry, this.#flavor)
  }
}

/** Unpacks into the open folder `root`, which must be empty and reached by nobody else. */
export const openExtractor = (kernel: Kernel, root: number, options: ExtractOptions): Extractor =>
  new LayerExtractor(kernel, root, options)
