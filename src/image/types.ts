/** Shapes of the OCI image specification, as far as tspod reads or writes them. */

export interface Descriptor {
  mediaType: string
  digest: string
  size: number
  annotations?: Record<string, string>
  platform?: Platform
}

export interface Platform {
  os: string
  architecture: string
  variant?: string
}

export interface ImageManifest {
  schemaVersion: 2
  mediaType?: string
  config: Descriptor
  layers: Descriptor[]
  annotations?: Record<string, string>
}

export interface ImageIndex {
  schemaVersion: 2
  mediaType?: string
  manifests: Descriptor[]
  annotations?: Record<string, string>
}

/** As Docker's images carry it; the OCI specification has none. Times are nanoseconds. */
export interface HealthConfig {
  Test?: string[]
  Interval?: number
  Timeout?: number
  StartPeriod?: number
  Retries?: number
}

/** What a container of the image runs, unless its own options say otherwise. */
export interface ImageConfig {
  User?: string
  ExposedPorts?: Record<string, object>
  Env?: string[]
  Entrypoint?: string[]
  Cmd?: string[]
  Volumes?: Record<string, object>
  WorkingDir?: string
  Labels?: Record<string, string>
  StopSignal?: string
  OnBuild?: string[]
  Shell?: string[]
  Healthcheck?: HealthConfig
}

export interface HistoryEntry {
  created?: string
  created_by?: string
  author?: string
  comment?: string
  empty_layer?: boolean
}

/** The image's configuration blob; its SHA-256 is the image's ID. */
export interface OciImage extends Platform {
  created?: string
  author?: string
  config?: ImageConfig
  rootfs: { type: string; diff_ids: string[] }
  history?: HistoryEntry[]
}

/** An image of the store. IDs are 64 hex digits, digests begin with `sha256:`. */
export interface StoredImage {
  id: string
  /** Digest of the manifest. */
  digest: string
  /** Full names such as `docker.io/library/alpine:latest`, newest last; empty for an untagged image. */
  names: string[]
  /** Names that the image has or had. */
  namesHistory: string[]
  manifest: ImageManifest
  config: OciImage
}

export interface FoundImage extends StoredImage {
  /** The full name that led to it, or the ID it was asked by. */
  resolvedName: string
}

/** One row of `image ls`. */
export interface ImageSummary {
  id: string
  digest: string
  names: string[]
  namesHistory: string[]
  repoDigests: string[]
  parentId: string
  created: Date
  /** Bytes of all layers, unpacked. */
  size: number
  /** Bytes of the layers that other images use too. */
  sharedSize: number
  labels: Record<string, string> | null
  /** Containers made from it. */
  containers: number
  /** Untagged, and no image is built on it. */
  dangling: boolean
  /** Untagged, and another image is built on it. */
  intermediate: boolean
  platform: Platform
}

/** Podman's `image inspect`, key for key in its order. */
export interface ImageInspect {
  Id: string
  Digest: string
  RepoTags: string[]
  RepoDigests: string[]
  Parent: string
  Comment: string
  Created: string | null
  Config: ImageConfig
  Version: string
  Author: string
  Architecture: string
  Os: string
  Size: number
  VirtualSize: number
  GraphDriver: { Name: string; Data: Record<string, string> }
  RootFS: { Type: string; Layers: string[] }
  Labels: Record<string, string> | null
  Annotations: Record<string, string>
  ManifestType: string
  User: string
  History: HistoryEntry[]
  NamesHistory: string[]
  Healthcheck?: HealthConfig
}

/** One row of `image history`, newest first. */
export interface ImageHistoryRow {
  id: string
  tags: string[]
  /** RFC 3339. */
  created: string
  createdBy: string
  size: number
  comment: string
}

/** A layer in `image tree`; IDs are chain IDs, 64 hex digits. */
export interface ImageTreeLayer {
  id: string
  size: number
  /** Names of the images of which it is the top layer. */
  tags: string[]
  children: ImageTreeLayer[]
}

export interface ImageTree {
  id: string
  tags: string[]
  size: number
  layers: ImageTreeLayer[]
}

/** What the engine needs to mount an image. */
export interface ImageRootfs {
  id: string
  config: OciImage
  /** `<root>/layers`: change into it, and the relative names keep the mount's options short. */
  layersDir: string
  /** The unpacked layers relative to `layersDir`, top first: overlayfs's `lowerdir`. Empty for an image without layers. */
  lower: string[]
  /** The same layers as absolute paths. */
  paths: string[]
  /** Whether the layers hold `user.overlay.*` attributes, so that overlayfs needs `userxattr`. */
  userXattr: boolean
}

/** Called as long work goes on. `total` is unknown (0) for a stream. */
export type Progress = (step: {
  phase: 'reading' | 'unpacking'
  /** What is being worked on: a layer's short digest, or a program. */
  item: string
  done: number
  total: number
}) => void

/** An archive: a path, or standard input (or any other open descriptor). */
export type ArchiveSource = { path: string } | { fd: number; name: string }

export interface ImportOptions {
  /** `-c`: instructions such as `CMD ["sh"]` or `ENV a=b`. */
  changes?: string[]
  message?: string
  /** Name to give to the image. */
  reference?: string
  platform?: Partial<Platform>
  progress?: Progress
}

export interface LoadOptions {
  progress?: Progress
}

export type SaveFormat = 'docker-archive' | 'oci-archive' | 'oci-dir' | 'docker-dir'

export interface SaveOptions {
  format: SaveFormat
  /** Several images in one archive. */
  multi?: boolean
  progress?: Progress
}

export interface FromHostOptions {
  /** As in `CMD`: a JSON list, or a line for the shell. The image's own shell where it is missing. */
  command?: string
  progress?: Progress
}

export interface FromHostResult {
  id: string
  name: string
  /** Programs in the image, as paths. */
  programs: string[]
  /** Programs of the default set that this host lacks. */
  missing: string[]
  /** Libraries that the programs ask for and the host lacks. */
  missingLibraries: string[]
}

/** What the engine tells the store about containers. */
export interface ImageUsers {
  /** IDs of the containers made from an image. */
  containersOf(imageId: string): string[]
  /** Removes them, running or not: `rmi --force`. */
  removeContainers?(imageId: string): Promise<void>
}

export interface RemoveImagesOptions {
  all?: boolean
  force?: boolean
  ignore?: boolean
  noPrune?: boolean
}

export interface RemoveImagesReport {
  untagged: string[]
  /** IDs. */
  deleted: string[]
  errors: import('../errors').TspodError[]
  /** Podman's: 0, 1 when an image is not known, 2 when one is in use, else 125. */
  exitCode: number
}

export interface PruneImagesOptions {
  all?: boolean
  filters?: string[]
}
