import { readSync } from 'node:fs'
import { TspodError } from '../errors'
import { Errno, type Kernel } from '../kernel'
import { O, RESOLVE, S } from '../kernel/constants'
import type { EntryStatus } from '../kernel/entries'

interface FileStatus {
  /** Type and permissions, as in stat(2). */
  mode: number
  uid: number
  gid: number
  size: number
}

/**
 * The files of stacked layers, read as overlayfs would show them and without mounting: whiteouts and opaque folders
 * hide, and links are resolved inside. Nothing outside is ever opened, whatever the layers hold or a running
 * container does to its own.
 */
export interface LayeredRoot {
  /** Contents of a regular file; undefined where there is none. Larger than `limit` (16 MiB) is an error. */
  readFile(path: string, limit?: number): Buffer | undefined
  /** Status of what a path leads to, links followed; undefined where there is nothing. */
  stat(path: string): FileStatus | undefined
  /** Names in a folder, sorted; undefined where it is none. */
  readdir(path: string): string[] | undefined
  /**
   * Status of the entry at a path of plain folders, no link followed anywhere. Takes raw bytes as latin1 text.
   */
  entryAt(rawPath: string): FileStatus | undefined
}

const MAX_LINKS = 40
const DEFAULT_LIMIT = 16 << 20
const OPAQUE = ['trusted.overlay.opaque', 'user.overlay.opaque']

const typeOf = (status: { mode: number }): number => status.mode & S.IFMT
const isFolder = (status: { mode: number }): boolean => typeOf(status) === S.IFDIR
const isWhiteout = (status: EntryStatus): boolean =>
  typeOf(status) === S.IFCHR && status.major === 0 && status.minor === 0

const toRaw = (path: string): string => Buffer.from(path).toString('latin1')
const toBytes = (raw: string): Buffer => Buffer.from(raw, 'latin1')

/** An entry of the merged tree. All its layers hold it at the same path, which has no links. */
interface Node {
  path: string
  /** Layers that make it up, top first: several for a merged folder. */
  layers: number[]
  status: EntryStatus
}

class Layers implements LayeredRoot {
  readonly #kernel: Kernel
  readonly #dirs: readonly string[]
  /** Descriptors of the layers' folders while a call runs. */
  #open = new Map<number, number>()

  constructor(kernel: Kernel, dirs: readonly string[]) {
    this.#kernel = kernel
    this.#dirs = dirs
  }

  stat(path: string): FileStatus | undefined {
    return this.#closing(() => this.#resolve(toRaw(path))?.status)
  }

  entryAt(rawPath: string): FileStatus | undefined {
    return this.#closing(() => {
      let node = this.#root()
      for (const name of rawPath.split('/').filter(Boolean)) {
        node = node && isFolder(node.status) ? this.#child(node, name) : undefined
      }
      return node?.status
    })
  }

  readFile(path: string, limit = DEFAULT_LIMIT): Buffer | undefined {
    return this.#closing(() => {
      const node = this.#resolve(toRaw(path))
      return node && typeOf(node.status) === S.IFREG ? this.#read(node, path, limit) : undefined
    })
  }

  readdir(path: string): string[] | undefined {
    return this.#closing(() => {
      const node = this.#resolve(toRaw(path))
      if (!node || !isFolder(node.status)) return undefined
      const shown = new Set<string>()
      const hidden = new Set<string>()
      for (const layer of node.layers) this.#list(layer, node.path, shown, hidden)
      return [...shown].map((name) => toBytes(name).toString()).sort()
    })
  }

  #closing<T>(act: () => T): T {
    try {
      return act()
    } finally {
      for (const fd of this.#open.values()) this.#kernel.close(fd)
      this.#open.clear()
    }
  }

  #layer(index: number): number {
    const known = this.#open.get(index)
    if (known !== undefined) return known
    const fd = this.#kernel.openat(-100, this.#dirs[index]!, O.PATH | O.DIRECTORY)
    this.#open.set(index, fd)
    return fd
  }

  /** Opens an entry of one layer; undefined where it has none there. A link is opened itself, and never followed. */
  #openIn(layer: number, path: string, flags: number): number | undefined {
    const rules = RESOLVE.BENEATH | RESOLVE.NO_SYMLINKS | RESOLVE.NO_MAGICLINKS
    const fd = this.#kernel.openat2(this.#layer(layer), toBytes(path || '.'), flags | O.NOFOLLOW, 0, rules)
    if (fd >= 0) return fd
    if (fd === -Errno.ENOENT || fd === -Errno.ENOTDIR || fd === -Errno.ELOOP || fd === -Errno.ENAMETOOLONG)
      return undefined
    throw new TspodError('system', `open ${toBytes(path)} in a layer: errno ${-fd}`, { call: 'openat2' })
  }

  #statIn(layer: number, path: string): { status: EntryStatus; opaque: boolean } | undefined {
    const fd = this.#openIn(layer, path, O.PATH)
    if (fd === undefined) return undefined
    try {
      const status = this.#kernel.statAt(fd, '')
      if (!status) return undefined
      return { status, opaque: isFolder(status) && path !== '' && this.#isOpaque(fd) }
    } finally {
      this.#kernel.close(fd)
    }
  }

  #isOpaque(fd: number): boolean {
    return OPAQUE.some((name) => this.#kernel.lgetxattr(`/proc/self/fd/${fd}/.`, name)?.toString() === 'y')
  }

  #merge(path: string, layers: readonly number[]): Node | undefined {
    const merged: number[] = []
    let top: EntryStatus | undefined
    for (const layer of layers) {
      const found = this.#statIn(layer, path)
      if (!found) continue
      if (isWhiteout(found.status)) break
      if (!isFolder(found.status)) {
        if (!top) return { path, layers: [layer], status: found.status }
        break
      }
      top ??= found.status
      merged.push(layer)
      if (found.opaque) break
    }
    return top && { path, layers: merged, status: top }
  }

  #root(): Node | undefined {
    return this.#merge(
      '',
      this.#dirs.map((_, index) => index),
    )
  }

  #child(folder: Node, name: string): Node | undefined {
    return this.#merge(folder.path ? `${folder.path}/${name}` : name, folder.layers)
  }

  #resolve(path: string): Node | undefined {
    const root = this.#root()
    if (!root) return undefined
    let trail = [root]
    const names = path.split('/')
    let links = 0
    while (names.length) {
      const name = names.shift()!
      const here = trail.at(-1)!
      if (!isFolder(here.status)) return undefined
      if (name === '' || name === '.') continue
      if (name === '..') {
        if (trail.length > 1) trail.pop()
        continue
      }
      const next = this.#child(here, name)
      if (!next) return undefined
      if (typeOf(next.status) !== S.IFLNK) {
        trail.push(next)
        continue
      }
      const target = this.#target(next)
      if (target === undefined || ++links > MAX_LINKS) return undefined
      if (target.startsWith('/')) trail = [root]
      names.unshift(...target.split('/'))
    }
    return trail.at(-1)
  }

  #target(link: Node): string | undefined {
    const fd = this.#openIn(link.layers[0]!, link.path, O.PATH)
    if (fd === undefined) return undefined
    try {
      return this.#kernel.readlinkat(fd, '')?.toString('latin1')
    } finally {
      this.#kernel.close(fd)
    }
  }

  #read(node: Node, path: string, limit: number): Buffer | undefined {
    // A container that is running may have put a pipe or a device in its place.
    const fd = this.#openIn(node.layers[0]!, node.path, O.RDONLY | O.NONBLOCK | O.NOCTTY)
    if (fd === undefined) return undefined
    try {
      const status = this.#kernel.statAt(fd, '')
      if (!status || typeOf(status) !== S.IFREG) return undefined
      if (status.size > limit)
        throw new TspodError('invalid', `${path} has ${status.size} bytes, more than the ${limit} expected`)
      const bytes = Buffer.alloc(Math.min(limit, status.size))
      return bytes.subarray(0, readSync(fd, bytes, 0, bytes.length, 0))
    } finally {
      this.#kernel.close(fd)
    }
  }

  #list(layer: number, path: string, shown: Set<string>, hidden: Set<string>): void {
    const fd = this.#openIn(layer, path, O.RDONLY | O.DIRECTORY)
    if (fd === undefined) return
    try {
      for (const entry of this.#kernel.readDirectory(fd)) {
        const name = entry.name.toString('latin1')
        if (shown.has(name) || hidden.has(name)) continue
        const status =
          entry.type === S.IFCHR || entry.type === 0 ? this.#kernel.statAt(fd, entry.name) : undefined
        if (status && isWhiteout(status)) hidden.add(name)
        else shown.add(name)
      }
    } finally {
      this.#kernel.close(fd)
    }
  }
}

/** `dirsTopFirst` are the layers' folders in the order of overlayfs's `lowerdir`, a container's own folder before them. */
export const openLayeredRoot = (kernel: Kernel, dirsTopFirst: readonly string[]): LayeredRoot =>
  new Layers(kernel, dirsTopFirst)
