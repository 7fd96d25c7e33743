import type { Kernel } from '../kernel'
import type {
  ArchiveSource,
  FoundImage,
  FromHostOptions,
  FromHostResult,
  ImageHistoryRow,
  ImageInspect,
  ImageRootfs,
  ImageSummary,
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
  /** The text of `image tree`. */
  tree(nameOrId: string, options?: { whatRequires?: boolean }): string

  /**
   * Layers and configuration for mounting. Layers that are not unpacked, or that a power cut may have damaged, are
   * unpacked first; usually there are none and it takes no time.
   */
  rootfs(nameOrId: string): Promise<ImageRootfs>

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

export declare const openImageStore: (kernel: Kernel, root: string) => ImageStore

export * from './types'
