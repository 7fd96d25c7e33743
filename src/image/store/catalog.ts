/** The images of the store with their manifests and configurations. */
import { TspodError } from '../../errors'
import type { StoreContext } from '../context'
import { chainIds } from '../digest'
import type { FoundImage, StoredImage } from '../types'
import { type IndexedImage, imagesOf } from './indexed'
import { lookUp } from './lookup'

export const indexedImages = ({ layout }: StoreContext): IndexedImage[] =>
  imagesOf(layout.readIndex(), layout.idOf)

const readImage = ({ layout }: StoreContext, image: IndexedImage): StoredImage => {
  try {
    const manifest = layout.manifest(image.digest)
    const { id, digest, names, namesHistory } = image
    return { id, digest, names, namesHistory, manifest, config: layout.config(manifest) }
  } catch (error) {
    if (!(error instanceof TspodError) || error.code !== 'damaged') throw error
    const hint = `remove it with "rmi --force ${image.id.slice(0, 12)}" and load it again`
    throw new TspodError(
      'damaged',
      `image ${image.names[0] ?? image.id.slice(0, 12)}: ${error.message}`,
      { object: image.id, hint },
      error,
    )
  }
}

/** All images that can be read; a damaged one is told of and left out. */
export const readableImages = (
  context: StoreContext,
  damaged: (error: TspodError) => void = () => {},
): StoredImage[] =>
  indexedImages(context).flatMap((image) => {
    try {
      return [readImage(context, image)]
    } catch (error) {
      if (!(error instanceof TspodError)) throw error
      damaged(error)
      return []
    }
  })

export const findImage = (context: StoreContext, nameOrId: string): FoundImage => {
  const { image, resolvedName } = lookUp(indexedImages(context), nameOrId)
  return { ...readImage(context, image), resolvedName }
}

/** Whether an image of that name is in the store; names that can't be one are not. */
export const isKnown = (context: StoreContext, nameOrId: string): boolean => {
  try {
    lookUp(indexedImages(context), nameOrId)
    return true
  } catch (error) {
    if (error instanceof TspodError && error.code === 'not-found') return false
    throw error
  }
}

/** Bytes of an image's layers, unpacked; for a layer that is not unpacked, as it is stored. */
export const layerSizes = ({ layers }: StoreContext, { config, manifest }: StoredImage): number[] =>
  chainIds(config.rootfs.diff_ids).map(
    (chainId, at) => layers.find(chainId)?.record.size ?? manifest.layers[at]?.size ?? 0,
  )

/** As Podman counts: the layers, the configuration, and the manifest twice. */
export const imageSize = (context: StoreContext, image: StoredImage, manifestSize: number): number =>
  layerSizes(context, image).reduce((sum, size) => sum + size, 0) +
  image.manifest.config.size +
  2 * manifestSize
