/**
 * Whiteouts of image layers (OCI image specification, "Whiteouts") in overlayfs's own form. They speak of the layers
 * below alone, so they are made last, whatever their place in the archive: one that hides nothing is left out, as
 * overlayfs would show it in a folder that no lower layer has.
 */
import { Errno, type Kernel, syscallError } from '../../kernel'
import { AT, S } from '../../kernel/constants'
import type { LayeredRoot } from '../layered-root'
import type { Folders } from './folders'
import { shown, toBytes } from './names'

const PREFIX = '.wh.'
const OPAQUE = '.wh..wh..opq'
/** Names that aufs kept for itself. */
const META = '.wh..wh.'

export interface WhiteoutOptions {
  /** Name of the attribute that marks an opaque folder: `trusted.overlay.opaque` or `user.overlay.opaque`. */
  opaqueXattr: string
  /** The layers below; undefined for the lowest layer, where whiteouts mean nothing. */
  lower: LayeredRoot | undefined
}

export class Whiteouts {
  readonly #kernel: Kernel
  readonly #folders: Folders
  readonly #options: WhiteoutOptions
  readonly #hidden: { folder: string; name: string }[] = []
  readonly #opaque: string[] = []

  constructor(kernel: Kernel, folders: Folders, options: WhiteoutOptions) {
    this.#kernel = kernel
    this.#folders = folders
    this.#options = options
  }

  /** Notes a whiteout; false for an entry that is none. */
  note(folder: string, name: string): boolean {
    if (!name.startsWith(PREFIX)) return false
    if (name === OPAQUE) this.#opaque.push(folder)
    else if (!name.startsWith(META) && name !== PREFIX) this.hide(folder, name.slice(PREFIX.length))
    return true
  }

  hide(folder: string, name: string): void {
    // The kernel would resolve these to the folder itself or its parent.
    if (name !== '.' && name !== '..') this.#hidden.push({ folder, name })
  }

  apply(): void {
    const { lower } = this.#options
    if (!lower) return
    const opaque = new Set<string>()
    for (const folder of this.#opaque) {
      const place = this.#place(this.#folders.make(folder))
      opaque.add(place)
      if (lower.entryAt(place)) this.#markOpaque(place)
    }
    const covered = (place: string) =>
      opaque.has('') || [...opaque].some((top) => place === top || place.startsWith(`${top}/`))
    for (const { folder, name } of this.#hidden) {
      const parent = this.#folders.make(folder)
      const place = this.#place(parent)
      const target = place ? `${place}/${name}` : name
      if (!covered(place) && lower.entryAt(target)) this.#hide(parent, name, target)
    }
  }

  /** The real path inside the root of an open folder. */
  #place(fd: number): string {
    const path = (of: number) =>
      this.#kernel.readlinkat(AT.FDCWD, `/proc/self/fd/${of}`)?.toString('latin1') ?? ''
    return fd === this.#folders.root ? '' : path(fd).slice(path(this.#folders.root).length + 1)
  }

  // What the same layer puts in a hidden entry's place stays; a folder must not mix with the one below.
  #hide(parent: number, name: string, target: string): void {
    const made = this.#kernel.mknodat(parent, toBytes(name), S.IFCHR, 0)
    if (made === -Errno.EEXIST) {
      const status = this.#kernel.statAt(parent, toBytes(name))
      if (status && (status.mode & S.IFMT) === S.IFDIR) this.#markOpaque(target)
    } else if (made < 0) throw syscallError('mknodat', -made, target, `hide ${shown(target)}`)
  }

  #markOpaque(place: string): void {
    const folder = place === '' ? this.#folders.root : this.#folders.find(place)
    if (folder === undefined) return
    const path = `/proc/self/fd/${folder}/.`
    const result = this.#kernel.lsetxattr(path, this.#options.opaqueXattr, Buffer.from('y'))
    if (result < 0) throw syscallError('lsetxattr', -result, place, `mark folder ${shown(place)} as opaque`)
  }
}
