import { TspodError } from '../../errors'
import { Errno, type Kernel, syscallError } from '../../kernel'
import { O, RESOLVE, S } from '../../kernel/constants'
import type { LayeredRoot } from '../layered-root'
import { shown, splitPath, toBytes } from './names'
import type { Owner } from './shift'

const CACHED = 32

/**
 * Folders below one root, by descriptor. The kernel resolves each path inside the root (openat2's RESOLVE_IN_ROOT), so
 * that links of a hostile archive lead nowhere else. Folders that an archive leaves out are made.
 */
export class Folders {
  readonly root: number
  readonly #kernel: Kernel
  readonly #lower: LayeredRoot | undefined
  readonly #owner: Owner
  readonly #cache = new Map<string, number>()

  constructor(
    kernel: Kernel,
    root: number,
    lower: LayeredRoot | undefined,
    owner: Owner = { uid: 0, gid: 0 },
  ) {
    this.#kernel = kernel
    this.root = root
    this.#lower = lower
    this.#owner = owner
  }

  /** The folder's descriptor (O_PATH), valid for a few more calls; made with its parents where it is missing. */
  make(path: string): number {
    return this.#get(path) ?? this.#create(path)
  }

  /** The folder's descriptor; undefined where it is missing. */
  find(path: string): number | undefined {
    return this.#get(path)
  }

  /** To be called when a folder or link was replaced or removed: paths may now lead elsewhere. */
  forget(): void {
    for (const fd of this.#cache.values()) this.#kernel.close(fd)
    this.#cache.clear()
  }

  #get(path: string): number | undefined {
    if (path === '') return this.root
    const cached = this.#cache.get(path)
    if (cached !== undefined) {
      // The least recently used is closed first, so what the caller holds besides stays open.
      this.#cache.delete(path)
      this.#cache.set(path, cached)
      return cached
    }
    const fd = this.#kernel.openat2(
      this.root,
      toBytes(path),
      O.PATH | O.DIRECTORY,
      0,
      RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS,
    )
    if (fd === -Errno.ENOENT) return undefined
    if (fd === -Errno.ENOTDIR || fd === -Errno.ELOOP)
      throw new TspodError('damaged', `archive is damaged: ${shown(path)} is no folder`, { object: path })
    if (fd < 0) throw syscallError('openat2', -fd, path, `open ${shown(path)}`)
    this.#remember(path, fd)
    return fd
  }

  #remember(path: string, fd: number): void {
    if (this.#cache.size >= CACHED) {
      const [oldest, oldestFd] = this.#cache.entries().next().value!
      this.#kernel.close(oldestFd)
      this.#cache.delete(oldest)
    }
    this.#cache.set(path, fd)
  }

  // A folder shows its topmost layer's owner and mode, so one that stands for a lower one takes those over.
  #create(path: string): number {
    const { folder, name } = splitPath(path)
    const parent = this.make(folder)
    const made = this.#kernel.mkdirat(parent, toBytes(name), 0o755)
    if (made < 0) {
      if (made === -Errno.EEXIST)
        throw new TspodError('damaged', `archive is damaged: ${shown(path)} is a link that leads nowhere`)
      throw syscallError('mkdirat', -made, path, `create ${shown(path)}`)
    }
    const entry = this.#lower?.entryAt(path)
    const below = entry && (entry.mode & S.IFMT) === S.IFDIR ? entry : undefined
    const { uid, gid } = below ?? this.#owner
    this.#kernel.fchownat(parent, toBytes(name), uid, gid)
    this.#kernel.fchmodat(parent, toBytes(name), (below?.mode ?? 0o755) & 0o7777)
    const fd = this.#get(path)
    if (fd === undefined) throw new TspodError('system', `${shown(path)} is gone`, { object: path })
    return fd
  }
}
