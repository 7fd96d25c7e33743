import { withLock } from '../state/lock'
import type { ArchiveImage } from './archive/archive-image'
import type { StoreContext } from './context'
import { hexOf } from './digest'
import { goJson } from './go-json'
import {
  type LayeredImage,
  prepareLayer,
  type StagedLayer,
  type Unpacked,
  unpackMissing,
} from './layers/stage'
import { type StagedFile, stageBytes } from './store/blob-writer'
import { MEDIA } from './store/documents'
import { publish, type ReadyImage } from './store/publish'
import type { Staging } from './store/staging'
import type { ImageManifest, Progress } from './types'

const LAYER_SUFFIX = { none: '', gzip: '+gzip', zstd: '+zstd' } as const

const makeManifest = (
  { kernel }: StoreContext,
  staging: Staging,
  configFile: StagedFile,
  layers: readonly StagedLayer[],
): StagedFile => {
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA.manifest,
    config: { mediaType: MEDIA.config, digest: configFile.digest, size: configFile.size },
    layers: layers.map(({ file, compression }) => ({
      mediaType: `${MEDIA.layer}${LAYER_SUFFIX[compression as keyof typeof LAYER_SUFFIX] ?? ''}`,
      digest: file.digest,
      size: file.size,
    })),
  }
  return stageBytes(kernel, staging, Buffer.from(goJson(manifest)), 'manifest')
}

interface Prepared {
  ready: ReadyImage
  layered: LayeredImage
}

/** Brings an image into a form that the store keeps. */
const prepare = async (context: StoreContext, staging: Staging, image: ArchiveImage): Promise<Prepared> => {
  const layers: StagedLayer[] = []
  for (const file of image.layers) layers.push(await prepareLayer(context, staging, file))
  const asTheyCame = layers.every(({ file }, at) => file === image.layers[at])
  const kept = asTheyCame ? image.manifestFile : undefined
  const { config, configFile, names } = image
  const manifestFile = kept ?? makeManifest(context, staging, configFile, layers)
  return {
    ready: { config, configFile, manifestFile, names, layers: layers.map(({ file }) => file) },
    layered: { diffIds: config.rootfs.diff_ids, layers },
  }
}

/** Takes staged images into the store, all of them or none; their IDs. */
export const install = async (
  context: StoreContext,
  staging: Staging,
  images: readonly ArchiveImage[],
  unpacked: Unpacked = new Map(),
  progress?: Progress,
): Promise<string[]> => {
  const { kernel, layers, lockPath } = context
  const prepared: Prepared[] = []
  for (const image of images) prepared.push(await prepare(context, staging, image))
  const ready = prepared.map((image) => image.ready)
  // What was staged goes to the disk while layers are unpacked.
  const early = kernel.syncFileSystem(staging.fd).catch((error: unknown) => error)
  for (;;) {
    layers.refresh()
    for (const { layered } of prepared) await unpackMissing(context, staging, layered, unpacked, progress)
    const failure = await early
    if (failure) throw failure
    await kernel.syncFileSystem(staging.fd)
    const done = await withLock(kernel, lockPath, () =>
      publish(context, staging, { images: ready, unpacked }),
    )
    if (done) return ready.map(({ configFile }) => hexOf(configFile.digest))
  }
}
