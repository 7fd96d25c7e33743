/** Which image was built on which: Podman reads it off layers and history. */
import { chainIds } from '../digest'
import type { HistoryEntry, StoredImage } from '../types'

export interface Family {
  parentOf(image: StoredImage): StoredImage | undefined
  hasChildren(image: StoredImage): boolean
}

const topOf = ({ config }: StoredImage): string => chainIds(config.rootfs.diff_ids).at(-1) ?? ''

const sameHistory = (a: HistoryEntry, b: HistoryEntry): boolean =>
  (a.created ?? '') === (b.created ?? '') &&
  (a.created_by ?? '') === (b.created_by ?? '') &&
  (a.author ?? '') === (b.author ?? '') &&
  (a.comment ?? '') === (b.comment ?? '') &&
  (a.empty_layer ?? false) === (b.empty_layer ?? false)

/** A child has its parent's layers and history, and one entry more. */
const isChildOf = (child: StoredImage, parent: StoredImage): boolean => {
  const [below, above] = [parent.config.rootfs.diff_ids, child.config.rootfs.diff_ids]
  if (below.length > above.length || below.some((diffId, at) => above[at] !== diffId)) return false
  const [before, after] = [parent.config.history ?? [], child.config.history ?? []]
  if (before.length + 1 !== after.length) return false
  return before.every((entry, at) => sameHistory(entry, after[at] ?? {}))
}

export const familyOf = (images: readonly StoredImage[]): Family => {
  const byTop = new Map<string, StoredImage[]>()
  for (const image of images) {
    const top = topOf(image)
    byTop.set(top, [...(byTop.get(top) ?? []), image])
  }
  // One instruction adds one layer at most.
  const candidates = (image: StoredImage): StoredImage[] => {
    const { diff_ids } = image.config.rootfs
    const below = chainIds(diff_ids.slice(0, -1)).at(-1) ?? ''
    return [...(byTop.get(topOf(image)) ?? []), ...(diff_ids.length ? (byTop.get(below) ?? []) : [])]
  }
  return {
    parentOf: (image) =>
      candidates(image).find((parent) => parent.id !== image.id && isChildOf(image, parent)),
    hasChildren: (image) => images.some((child) => child.id !== image.id && isChildOf(child, image)),
  }
}
