/** `index.json` as images with their names, and back. */
import type { ImageIndex } from '../types'
import { MEDIA } from './documents'
import { HISTORY, ID, type Layout, NAME } from './layout'

const historyOf = (annotations: Record<string, string> | undefined): string[] => {
  try {
    const list: unknown = JSON.parse(annotations?.[HISTORY] ?? '[]')
    return Array.isArray(list) ? list.filter((name) => typeof name === 'string') : []
  } catch {
    return []
  }
}

export interface IndexedImage {
  id: string
  digest: string
  size: number
  names: string[]
  namesHistory: string[]
}

/** The images of an index, in its order: entries of one ID are the names of one image. */
export const imagesOf = (index: ImageIndex, idOf: Layout['idOf']): IndexedImage[] => {
  const images = new Map<string, IndexedImage>()
  for (const descriptor of index.manifests) {
    const id = idOf(descriptor)
    const image = images.get(id) ?? {
      id,
      digest: descriptor.digest,
      size: descriptor.size,
      names: [],
      namesHistory: historyOf(descriptor.annotations),
    }
    const name = descriptor.annotations?.[NAME]
    if (name) image.names.push(name)
    images.set(id, image)
  }
  return [...images.values()]
}

export const indexOf = (images: readonly IndexedImage[]): ImageIndex => ({
  schemaVersion: 2,
  mediaType: MEDIA.index,
  manifests: images.flatMap(({ id, digest, size, names, namesHistory }) =>
    (names.length ? names : [undefined]).map((name) => ({
      mediaType: MEDIA.manifest,
      digest,
      size,
      annotations: {
        ...(name !== undefined && { [NAME]: name }),
        [ID]: id,
        ...(namesHistory.length && { [HISTORY]: JSON.stringify(namesHistory) }),
      },
    })),
  ),
})

/** Gives names to an image; whatever had them loses them. */
export const assignNames = (
  images: readonly IndexedImage[],
  id: string,
  names: readonly string[],
): IndexedImage[] =>
  images.map((image) => {
    if (image.id !== id) return { ...image, names: image.names.filter((name) => !names.includes(name)) }
    const fresh = names.filter((name) => !image.names.includes(name))
    return {
      ...image,
      names: [...image.names, ...fresh],
      namesHistory: [...[...fresh].reverse(), ...image.namesHistory.filter((name) => !fresh.includes(name))],
    }
  })
