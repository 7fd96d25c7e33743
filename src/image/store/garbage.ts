/** Removes blobs and layers that no image needs any more. */
import { readdirSync } from 'node:fs'
import { TspodError } from '../../errors'
import type { Kernel } from '../../kernel'
import { AT, O } from '../../kernel/constants'
import type { StoreContext } from '../context'
import { chainIds, hexOf } from '../digest'
import { openLayerStore } from '../layers/layer-store'
import type { ImageIndex } from '../types'
import type { Staging } from './staging'

/** Layers with shifted owners, a folder for each user namespace's maps: see shiftedContext. */
export const shiftedFolder = (root: string): string => `${root}/shifted`

interface Needed {
  /** Hex digests. */
  blobs: Set<string>
  chains: Set<string>
}

/** What the images of an index need; undefined where a damaged one does not say, so that nothing may go. */
const needed = ({ layout }: StoreContext, index: ImageIndex): Needed | undefined => {
  const blobs = new Set<string>()
  const chains = new Set<string>()
  try {
    for (const { digest } of index.manifests) {
      blobs.add(hexOf(digest))
      const manifest = layout.manifest(digest)
      for (const blob of [manifest.config, ...manifest.layers]) blobs.add(hexOf(blob.digest))
      for (const chainId of chainIds(layout.config(manifest).rootfs.diff_ids)) chains.add(chainId)
    }
  } catch (error) {
    if (error instanceof TspodError && error.code === 'damaged') return undefined
    throw error
  }
  return { blobs, chains }
}

const namesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir)
  } catch {
    return []
  }
}

const moveAway = (kernel: Kernel, dir: string, names: readonly string[], staging: Staging): void => {
  if (!names.length) return
  const from = kernel.openat(AT.FDCWD, dir, O.PATH | O.DIRECTORY)
  try {
    for (const name of names) kernel.renameat(from, name, staging.fd, staging.fresh())
  } finally {
    kernel.close(from)
  }
}

/**
 * Moves what nothing needs into staging, from where it is deleted after the lock is released. Under the images lock,
 * with the index already written.
 */
export const moveGarbage = (context: StoreContext, staging: Staging): void => {
  const { kernel, layout, layers } = context
  const keep = needed(context, layout.readIndex())
  if (!keep) return
  const blobs = `${layout.dir}/blobs/sha256`
  const unused = namesIn(blobs).filter((hex) => !keep.blobs.has(hex))
  moveAway(kernel, blobs, unused, staging)
  const shiftedRoot = shiftedFolder(context.root)
  const shifted = namesIn(shiftedRoot).map((key) => openLayerStore(kernel, `${shiftedRoot}/${key}`))
  for (const store of [layers, ...shifted]) {
    const unpacked = [...store.all()].filter(([chainId]) => !keep.chains.has(chainId))
    moveAway(
      kernel,
      store.dir,
      unpacked.map(([, name]) => name),
      staging,
    )
  }
  layers.refresh()
}
