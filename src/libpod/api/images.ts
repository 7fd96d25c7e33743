import type { ImageStore, ImageUsers, RemoveImagesOptions, RemoveImagesReport } from '../../image'

type Awaitable<T> = {
  [K in keyof T]: T[K] extends (...args: infer A) => infer R ? (...args: A) => Promise<Awaited<R>> : never
}

/**
 * The verbs of images: those of the image store (src/image), each returning a promise, with the containers that use an
 * image already known.
 */
export interface ImageVerbs
  extends Awaitable<
    Pick<
      ImageStore,
      | 'find'
      | 'exists'
      | 'inspect'
      | 'history'
      | 'tree'
      | 'tag'
      | 'untag'
      | 'importRootfs'
      | 'load'
      | 'save'
      | 'fromHost'
    >
  > {
  list(filters?: string[]): Promise<ReturnType<ImageStore['list']>>
  remove(names: string[], options: RemoveImagesOptions): Promise<RemoveImagesReport>
  prune(options: Parameters<ImageStore['prune']>[0]): Promise<{ id: string; size: number }[]>
}

export type {
  ArchiveSource,
  FoundImage,
  FromHostOptions,
  FromHostResult,
  ImageHistoryRow,
  ImageInspect,
  ImageSummary,
  ImageTree,
  ImageTreeLayer,
  ImportOptions,
  LoadOptions,
  Progress,
  PruneImagesOptions,
  RemoveImagesOptions,
  RemoveImagesReport,
  SaveFormat,
  SaveOptions,
} from '../../image/types'
export type { ImageUsers }
