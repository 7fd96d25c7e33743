import { mkdirSync } from 'node:fs'
import { checked, type Kernel } from '../../kernel'
import { AT, O } from '../../kernel/constants'
import type { StoreContext } from '../context'
import { chainIds, hexOf } from '../digest'
import type { OciImage } from '../types'
import type { StagedFile } from './blob-writer'
import { moveGarbage } from './garbage'
import { assignNames, imagesOf, indexOf } from './indexed'
import type { Layout } from './layout'
import type { Staging } from './staging'

/** An image whose parts are in the store or in staging. */
export interface ReadyImage {
  config: OciImage
  configFile: StagedFile
  manifestFile: StagedFile
  layers: StagedFile[]
  names: string[]
}

export interface Publication {
  images: ReadyImage[]
  /** Unpacked layers in staging: chain ID and folder. */
  unpacked: Map<string, string>
}

const moveBlobs = (kernel: Kernel, layout: Layout, staging: Staging, files: readonly StagedFile[]): void => {
  const dir = `${layout.dir}/blobs/sha256`
  mkdirSync(dir, { recursive: true, mode: 0o700 })
  const to = kernel.openat(AT.FDCWD, dir, O.PATH | O.DIRECTORY)
  try {
    for (const file of files) {
      if (layout.hasBlob(file.digest, file.size)) continue
      const hex = hexOf(file.digest)
      checked(kernel.renameat(staging.fd, file.name, to, hex), 'renameat2', hex, `store blob ${file.digest}`)
    }
  } finally {
    kernel.close(to)
  }
}

/** Whether all blobs of an image are there in their sizes; another load of it mends what is not. */
const isWhole = (layout: Layout, digest: string): boolean => {
  try {
    const { config, layers } = layout.manifest(digest)
    return [config, ...layers].every((blob) => layout.hasBlob(blob.digest, blob.size))
  } catch {
    return false
  }
}

/** A disk that is full now has files that no image names. Why it failed matters more than that this may fail too. */
const leaveNothing = (context: StoreContext, staging: Staging): void => {
  try {
    moveGarbage(context, staging)
  } catch {
    // The next removal finds them.
  }
}

/**
 * Makes images visible: blobs and layers are moved in place, then the index names them. Under the images lock, with
 * everything on the disk already. False where a layer that was counted on has been removed meanwhile.
 */
export const publish = (context: StoreContext, staging: Staging, publication: Publication): boolean => {
  try {
    return moveInPlace(context, staging, publication)
  } catch (error) {
    leaveNothing(context, staging)
    throw error
  }
}

const moveInPlace = (
  { kernel, layout, layers }: StoreContext,
  staging: Staging,
  { images, unpacked }: Publication,
): boolean => {
  mkdirSync(layers.dir, { recursive: true, mode: 0o700 })
  layers.refresh()
  for (const { config } of images)
    for (const chainId of chainIds(config.rootfs.diff_ids))
      if (!unpacked.has(chainId) && !layers.find(chainId)) return false
  let indexed = imagesOf(layout.readIndex(), layout.idOf)
  for (const [chainId, name] of unpacked) layers.publish(staging.fd, name, chainId)
  for (const image of images) {
    const id = hexOf(image.configFile.digest)
    const { digest, size } = image.manifestFile
    const old = indexed.find((entry) => entry.id === id)
    if (!old || !isWhole(layout, old.digest)) {
      moveBlobs(kernel, layout, staging, [...image.layers, image.configFile, image.manifestFile])
      if (old) Object.assign(old, { digest, size })
      else indexed.push({ id, digest, size, names: [], namesHistory: [] })
    }
    indexed = assignNames(indexed, id, image.names)
  }
  layout.writeIndex(indexOf(indexed))
  return true
}
