import { mkdirSync } from 'node:fs'
import { withLock } from '../../state/lock'
import { drain, openSource } from '../archive/source'
import { type StoreContext, withStaging } from '../context'
import { chainIds } from '../digest'
import { openLayerStore } from '../layers/layer-store'
import { type IdShift, shiftKey } from '../layers/shift'
import { prepareLayer, type StagedLayer, unpackMissing } from '../layers/stage'
import { wrongDigest } from '../layers/unpack'
import type { ImageRootfs, StoredImage } from '../types'
import { openBlobWriter } from './blob-writer'
import { shiftedFolder } from './garbage'
import type { Staging } from './staging'

/** Copies a blob of the store into staging, so that its digest is known to be right before it is unpacked. */
const stageBlob = async (
  { kernel, layout }: StoreContext,
  staging: Staging,
  digest: string,
): Promise<StagedLayer['file']> => {
  const source = openSource({ path: layout.blobPath(digest) })
  const writer = openBlobWriter(kernel, staging, `blob ${digest}`)
  try {
    await drain(source, writer.push, { phase: 'reading', item: digest })
    const file = writer.finish()
    if (file.digest !== digest) throw wrongDigest(`blob ${digest}`, file.digest, digest)
    return file
  } finally {
    writer.abandon()
    source.close()
  }
}

/** Unpacks from the blobs what is missing: another tool put the image here, or a layer's folder was lost. */
const restore = (context: StoreContext, { config, manifest }: StoredImage): Promise<void> =>
  withStaging(context, async (staging) => {
    const { kernel, layers: store, lockPath } = context
    const diffIds = config.rootfs.diff_ids
    const layers: StagedLayer[] = []
    for (const { digest } of manifest.layers)
      layers.push(await prepareLayer(context, staging, await stageBlob(context, staging, digest)))
    const unpacked = new Map<string, string>()
    await unpackMissing(context, staging, { diffIds, layers }, unpacked)
    await kernel.syncFileSystem(staging.fd)
    await withLock(kernel, lockPath, () => {
      mkdirSync(store.dir, { recursive: true, mode: 0o700 })
      store.refresh()
      for (const [chainId, name] of unpacked) store.publish(staging.fd, name, chainId)
    })
  })

/**
 * The store as containers of a user namespace need it, where the kernel can't shift owners by itself: with layers of
 * their own, made from the same archives.
 */
export const shiftedContext = (context: StoreContext, shift: IdShift): StoreContext => ({
  ...context,
  shift,
  layers: openLayerStore(context.kernel, `${shiftedFolder(context.root)}/${shiftKey(shift)}`),
})

/** The layers of an image, ready to be mounted. */
export const rootfsOf = async (context: StoreContext, image: StoredImage): Promise<ImageRootfs> => {
  const { layers, userXattr } = context
  const chain = chainIds(image.config.rootfs.diff_ids)
  if (chain.some((chainId) => !layers.find(chainId))) await restore(context, image)
  const names = chain.map((chainId) => layers.find(chainId)?.name ?? '').reverse()
  return {
    id: image.id,
    config: image.config,
    layersDir: layers.dir,
    lower: names.map((name) => `${name}/diff`),
    paths: names.map((name) => layers.diffOf(name)),
    userXattr,
  }
}
