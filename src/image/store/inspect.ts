import type { StoreContext } from '../context'
import { chainIds } from '../digest'
import type { FoundImage, ImageHistoryRow, ImageInspect, StoredImage } from '../types'
import { imageSize, layerSizes, readableImages } from './catalog'
import { MEDIA } from './documents'
import { familyOf } from './family'
import { repoDigestsOf } from './list'

const layerDirs = ({ layers }: StoreContext, image: StoredImage): string[] =>
  chainIds(image.config.rootfs.diff_ids).flatMap((chainId) => {
    const found = layers.find(chainId)
    return found ? [layers.diffOf(found.name)] : []
  })

const graphDriver = (context: StoreContext, image: StoredImage): ImageInspect['GraphDriver'] => {
  const dirs = layerDirs(context, image)
  const top = dirs.at(-1)
  const lower = dirs.slice(0, -1).reverse()
  return {
    Name: 'overlay',
    Data: {
      ...(lower.length && { LowerDir: lower.join(':') }),
      ...(top !== undefined && { UpperDir: top, WorkDir: top.replace(/diff$/, 'work') }),
    },
  }
}

/** Podman's `image inspect`. */
export const inspectImage = (context: StoreContext, image: FoundImage): ImageInspect => {
  const { config } = image.config
  const size = imageSize(context, image, context.layout.sizeOf(image.digest))
  const images = readableImages(context)
  const { Healthcheck, ...shown } = config ?? {}
  return {
    Id: image.id,
    Digest: image.digest,
    RepoTags: image.names.filter((name) => !name.includes('@')),
    RepoDigests: repoDigestsOf(image),
    Parent: familyOf(images).parentOf(image)?.id ?? '',
    Comment: image.config.history?.[0]?.comment ?? '',
    Created: image.config.created ?? null,
    Config: shown,
    Version: '',
    Author: image.config.author ?? '',
    Architecture: image.config.architecture,
    Os: image.config.os,
    Size: size,
    VirtualSize: size,
    GraphDriver: graphDriver(context, image),
    RootFS: { Type: image.config.rootfs.type, Layers: image.config.rootfs.diff_ids },
    Labels: config?.Labels ?? null,
    Annotations: image.manifest.annotations ?? {},
    ManifestType: image.manifest.mediaType ?? MEDIA.manifest,
    User: config?.User ?? '',
    History: image.config.history ?? [],
    NamesHistory: image.namesHistory,
    ...(Healthcheck && { Healthcheck }),
  }
}

/** Rows of `image history`, newest first; an image that ends where a row does gives it its ID and names. */
export const historyOfImage = (context: StoreContext, image: FoundImage): ImageHistoryRow[] => {
  const chain = chainIds(image.config.rootfs.diff_ids)
  const sizes = layerSizes(context, image)
  const tops = new Map<string, StoredImage[]>()
  for (const other of readableImages(context)) {
    const top = chainIds(other.config.rootfs.diff_ids).at(-1) ?? ''
    tops.set(top, [...(tops.get(top) ?? []), other])
  }
  const used = new Set<string>()
  let layer = chain.length - 1
  return [...(image.config.history ?? [])].reverse().map((entry) => {
    const here = tops.get(chain[layer] ?? '') ?? []
    const [owner] = here
    const id = owner && !used.has(owner.id) ? owner.id : '<missing>'
    used.add(id)
    const size = entry.empty_layer ? 0 : (sizes[layer] ?? 0)
    if (!entry.empty_layer) layer--
    return {
      id,
      tags: here.flatMap(({ names }) => names),
      created: entry.created ?? '0001-01-01T00:00:00Z',
      createdBy: entry.created_by ?? '',
      size,
      comment: entry.comment ?? '',
    }
  })
}
