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

/** Takes staged images into the store, all of them or none; their IDs. */
export const install = async (
  context: StoreContext,
  staging: Staging,
  images: readonly ArchiveImage[],
  unpacked: Unpacked = new Map(),
  progress?: Progress,
): Promise<string[]> => {
  const { kernel, layout, layers: store } = context
  const prepared: { ready: ReadyImage; layered: LayeredImage }[] = []
  for (const image of images) {
    const layers: StagedLayer[] = []
    for (const file of image.layers) layers.push(await prepareLayer(context, staging, file))
    const kept = image.manifestFile && layers.every(({ file }, at) => file === image.layers[at])
    const manifestFile =
      kept && image.manifestFile
        ? image.manifestFile
        : makeManifest(context, staging, image.configFile, layers)
    const { config, configFile, names } = image
    prepared.push({
      ready: { config, configFile, manifestFile, names, layers: layers.map(({ file }) => file) },
      layered: { diffIds: config.rootfs.diff_ids, layers },
    })
  }
  const ready = prepared.map((image) => image.ready)
  for (;;) {
    store.refresh()
    for (const { layered } of prepared) await unpackMissing(context, staging, layered, unpacked, progress)
    await kernel.syncFileSystem(staging.fd)
    const done = await withLock(kernel, context.lockPath, () =>
      publish(kernel, layout, store, staging, { images: ready, unpacked }),
    )
    if (done) return ready.map(({ configFile }) => hexOf(configFile.digest))
  }
}
