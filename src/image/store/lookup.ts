/** Finds an image by a name, ID, ID prefix or digest, by the rules of Podman's `LookupImage`. */
import { TspodError } from '../../errors'
import { isShortName, localCandidates, matchesLoosely, parseReference, type Reference } from '../reference'
import type { IndexedImage } from './indexed'

const unknownImage = (name: string): TspodError =>
  new TspodError('not-found', `${name}: image not known`, { object: name })

export interface Found {
  image: IndexedImage
  /** The full name that led to it, or what it was asked by. */
  resolvedName: string
}

const FULL_ID = /^[0-9a-f]{64}$/
const ID_PREFIX = /^[0-9a-f]{1,64}$/

const byId = (images: readonly IndexedImage[], prefix: string): IndexedImage | undefined => {
  if (!ID_PREFIX.test(prefix)) return undefined
  const found = images.filter(({ id }) => id.startsWith(prefix))
  return found.length === 1 ? found[0] : undefined
}

/** `NAME@DIGEST`: the image has the digest, and one of its names is in that repository. */
const byDigest = (images: readonly IndexedImage[], name: string): IndexedImage | undefined => {
  const at = name.indexOf('@')
  if (at === -1) return undefined
  const [repository, digest] = [name.slice(0, at), name.slice(at + 1)]
  return images.find(
    (image) =>
      image.digest === digest &&
      image.names.some(
        (stored) => stored === name || stored.replace(/(:[^:/@]+)?(@.*)?$/, '') === repository,
      ),
  )
}

const byName = (images: readonly IndexedImage[], name: string): IndexedImage | undefined =>
  images.find(({ names }) => names.includes(name)) ?? byDigest(images, name)

/** A short name also stands for `any.registry/any/path/NAME`. */
const loosely = (images: readonly IndexedImage[], wanted: Reference): Found | undefined => {
  for (const image of images) {
    if (wanted.digest !== undefined && wanted.digest !== image.digest) continue
    const name = image.names.find((stored) => matchesLoosely(parseReference(stored), wanted))
    if (name) return { image, resolvedName: name }
  }
  return undefined
}

/** A digest beside a tag decides alone, so the tag is dropped. */
const withoutTagBesideDigest = (name: string): string => name.replace(/:[^:/@]+@/, '@')

export const lookUp = (
  images: readonly IndexedImage[],
  nameOrId: string,
  searchRegistries: readonly string[] = [],
): Found => {
  const hex = nameOrId.startsWith('sha256:') ? nameOrId.slice(7) : undefined
  if (hex !== undefined && !FULL_ID.test(hex))
    throw new TspodError('not-found', `${nameOrId}: invalid format: no 64-byte hexadecimal value`, {
      object: nameOrId,
    })
  if (hex !== undefined || FULL_ID.test(nameOrId)) {
    const image = byId(images, hex ?? nameOrId)
    if (!image) throw unknownImage(nameOrId)
    return { image, resolvedName: nameOrId }
  }
  const name = withoutTagBesideDigest(nameOrId)
  const wanted = parseReference(name)
  for (const candidate of localCandidates(name, searchRegistries)) {
    const image = byName(images, candidate)
    if (image) return { image, resolvedName: candidate }
  }
  const image = byId(images, name)
  if (image) return { image, resolvedName: name }
  const found = isShortName(name) ? loosely(images, wanted) : undefined
  if (!found) throw unknownImage(nameOrId)
  return found
}
