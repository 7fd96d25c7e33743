import type { StoreContext } from '../context'
import { chainIds } from '../digest'
import { parseReference, repositoryOf } from '../reference'
import type { ImageSummary, ImageUsers, StoredImage } from '../types'
import { imageSize, layerSizes, readableImages } from './catalog'
import { familyOf } from './family'
import { filterImages } from './filters'
import { imagesOf } from './indexed'
import { lookUp } from './lookup'

/** `NAME@DIGEST` for each repository of the image, sorted. */
export const repoDigestsOf = ({ names, digest }: StoredImage): string[] =>
  [...new Set(names.map((name) => `${repositoryOf(parseReference(name))}@${digest}`))].sort()

const createdOf = ({ config }: StoredImage): Date => new Date(config.created ?? 0)

const countLayers = (images: readonly StoredImage[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const { config } of images)
    for (const chainId of chainIds(config.rootfs.diff_ids))
      counts.set(chainId, (counts.get(chainId) ?? 0) + 1)
  return counts
}

const sharedSize = (
  context: StoreContext,
  image: StoredImage,
  counts: ReadonlyMap<string, number>,
): number => {
  const sizes = layerSizes(context, image)
  return chainIds(image.config.rootfs.diff_ids).reduce(
    (sum, chainId, at) => sum + ((counts.get(chainId) ?? 0) > 1 ? (sizes[at] ?? 0) : 0),
    0,
  )
}

/** Rows of `image ls`, in the order in which the images came into the store. */
export const listImages = (
  context: StoreContext,
  filters: readonly string[] = [],
  users?: ImageUsers,
): ImageSummary[] => {
  const index = context.layout.readIndex()
  const manifestSizes = new Map(index.manifests.map(({ digest, size }) => [digest, size]))
  const images = readableImages(context)
  const family = familyOf(images)
  const counts = countLayers(images)
  const summaries = images.map((image): ImageSummary => {
    const untagged = image.names.length === 0
    const hasChildren = untagged && family.hasChildren(image)
    const { os, architecture, variant, config } = image.config
    return {
      id: image.id,
      digest: image.digest,
      names: image.names,
      namesHistory: image.namesHistory,
      repoDigests: repoDigestsOf(image),
      parentId: family.parentOf(image)?.id ?? '',
      created: createdOf(image),
      size: imageSize(context, image, manifestSizes.get(image.digest) ?? 0),
      sharedSize: sharedSize(context, image, counts),
      labels: config?.Labels ?? null,
      containers: users?.containersOf(image.id).length ?? 0,
      dangling: untagged && !hasChildren,
      intermediate: hasChildren,
      platform: { os, architecture, ...(variant && { variant }) },
    }
  })
  const find = (name: string) => {
    try {
      const { id } = lookUp(imagesOf(index, context.layout.idOf), name).image
      return summaries.find((summary) => summary.id === id)
    } catch {
      return undefined
    }
  }
  return filters.length ? filterImages(summaries, filters, { find }) : summaries
}
