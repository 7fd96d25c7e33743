import { mkdirSync, readFileSync } from 'node:fs'
import type { Kernel } from '../kernel'
import { withLock } from '../state/lock'
import type { StoreContext } from './context'
import { imageFromHost } from './host/image'
import { importRootfs } from './import'
import { openLayerStore } from './layers/layer-store'
import type { IdShift } from './layers/shift'
import { loadImages } from './load'
import { saveImages } from './save'
import { findImage, isKnown } from './store/catalog'
import { historyOfImage, inspectImage } from './store/inspect'
import { openLayout } from './store/layout'
import { listImages } from './store/list'
import { tagImage, untagImage } from './store/names'
import { pruneImages, removeImages } from './store/remove'
import { rootfsOf, shiftedContext } from './store/rootfs'
import { treeOfImage } from './store/tree'
import type {
  ArchiveSource,
  FoundImage,
  FromHostOptions,
  FromHostResult,
  ImageHistoryRow,
  ImageInspect,
  ImageRootfs,
  ImageSummary,
  ImageTree,
  ImageUsers,
  ImportOptions,
  LoadOptions,
  PruneImagesOptions,
  RemoveImagesOptions,
  RemoveImagesReport,
  SaveOptions,
} from './types'

/**
 * The images of one `--root`: an OCI image layout in `<root>/images`, and its layers, unpacked, in `<root>/layers`.
 * Reading takes no lock. Whatever changes the store takes the images lock for the moment of the change alone.
 */
export interface ImageStore {
  readonly root: string

  /** All images; `filters` are Podman's `key=value`, several of one key meaning all of them. */
  list(filters?: string[], users?: ImageUsers): ImageSummary[]
  /** The image of a name, ID, ID prefix or digest by Podman's rules; throws `NAME: image not known`. */
  find(nameOrId: string): FoundImage
  exists(nameOrId: string): boolean
  inspect(nameOrId: string): ImageInspect
  history(nameOrId: string): ImageHistoryRow[]
  /** The layers of an image, lowest first; with `whatRequires` all that lies on its top one. */
  tree(nameOrId: string, options?: { whatRequires?: boolean }): ImageTree

  /**
   * Layers and configuration for mounting. Layers that are not unpacked, or that a power cut may have damaged, are
   * unpacked first; usually there are none and it takes no time. With `shift`, layers for a user namespace whose owners
   * the kernel can't shift by itself.
   */
  rootfs(nameOrId: string, shift?: IdShift): Promise<ImageRootfs>

  /** Gives more names to an image. */
  tag(nameOrId: string, names: string[]): Promise<void>
  /** Takes names from an image; all of them where `names` is empty. */
  untag(nameOrId: string, names: string[]): Promise<void>
  remove(names: string[], options: RemoveImagesOptions, users: ImageUsers): Promise<RemoveImagesReport>
  /** Removes untagged images (with `all`: every image that no container uses); their IDs and the bytes freed. */
  prune(options: PruneImagesOptions, users: ImageUsers): Promise<{ id: string; size: number }[]>

  /** Makes an image of one layer from a tarball of a root; its ID. */
  importRootfs(source: ArchiveSource, options?: ImportOptions): Promise<string>
  /** Takes in the images of an archive or folder; their names, or IDs of those that have none. */
  load(source: ArchiveSource, options?: LoadOptions): Promise<string[]>
  /** Writes images to a file, a folder, or an open descriptor. */
  save(names: string[], target: ArchiveSource, options: SaveOptions): Promise<void>
  /** Makes an image from programs of the host and the libraries they load. */
  fromHost(name: string, programs: string[], options?: FromHostOptions): Promise<FromHostResult>

  /** Runs `act` while no image can be removed, for a container that starts to use one. */
  locked<T>(act: () => T | Promise<T>): Promise<T>
}

/** Layers of a user namespace hold other attributes, and no device nodes. */
const inUserNamespace = (): boolean => {
  try {
    return !/^\s*0\s+0\s+4294967295\s*$/.test(readFileSync('/proc/self/uid_map', 'latin1'))
  } catch {
    return false
  }
}

const openContext = (kernel: Kernel, root: string): StoreContext => ({
  kernel,
  root,
  layout: openLayout(`${root}/images`),
  layers: openLayerStore(kernel, `${root}/layers`),
  userXattr: inUserNamespace(),
  lockPath: `${root}/images.lock`,
})

/** Reading needs nothing to be there; the folders are made by what writes first. */
export const openImageStore = (kernel: Kernel, root: string): ImageStore => {
  const context = openContext(kernel, root)
  const find = (nameOrId: string) => findImage(context, nameOrId)
  const writing = <T>(act: () => Promise<T>): Promise<T> => {
    mkdirSync(root, { recursive: true, mode: 0o711 })
    return act()
  }
  return {
    root,
    list: (filters, users) => listImages(context, filters, users),
    find,
    exists: (nameOrId) => isKnown(context, nameOrId),
    inspect: (nameOrId) => inspectImage(context, find(nameOrId)),
    history: (nameOrId) => historyOfImage(context, find(nameOrId)),
    tree: (nameOrId, options) => treeOfImage(context, find(nameOrId), options?.whatRequires),
    rootfs: (nameOrId, shift) => rootfsOf(shift ? shiftedContext(context, shift) : context, find(nameOrId)),
    tag: (nameOrId, names) => writing(() => tagImage(context, nameOrId, names)),
    untag: (nameOrId, names) => writing(() => untagImage(context, nameOrId, names)),
    remove: (names, options, users) => writing(() => removeImages(context, names, options, users)),
    prune: (options, users) => writing(() => pruneImages(context, options, users)),
    importRootfs: (source, options) => writing(() => importRootfs(context, source, options)),
    load: (source, options) => writing(() => loadImages(context, source, options)),
    save: (names, target, options) => saveImages(context, names, target, options),
    fromHost: (name, programs, options) => writing(() => imageFromHost(context, name, programs, options)),
    locked: (act) => writing(() => withLock(kernel, context.lockPath, act)),
  }
}

export * from './types'
