/** `rmi` and `image prune`, by the rules of Podman's `RemoveImages`. */
import { TspodError } from '../../errors'
import { withLock } from '../../state/lock'
import { type StoreContext, withStaging } from '../context'
import type {
  ImageUsers,
  PruneImagesOptions,
  RemoveImagesOptions,
  RemoveImagesReport,
  StoredImage,
} from '../types'
import { indexedImages, readableImages } from './catalog'
import { familyOf } from './family'
import { moveGarbage } from './garbage'
import { type IndexedImage, indexOf } from './indexed'
import { listImages } from './list'
import { lookUp } from './lookup'

/** An image and the names it was asked by; none when all images go. */
interface Target {
  image: IndexedImage
  askedBy: string[]
}

const toError = (error: unknown): TspodError => {
  if (error instanceof TspodError) return error
  throw error
}

const severalNames = ({ id, names }: IndexedImage, by: string): TspodError =>
  new TspodError(
    'in-use',
    `unable to delete image "${id}" by ${by} with more than one tag ([${names.join(' ')}]): please force removal`,
    { object: id },
  )

const usedBy = (container: string, id: string): TspodError =>
  new TspodError(
    'in-use',
    `image used by ${container}: image is in use by a container: consider listing external containers and force-removing image`,
    { object: id },
  )

/** One removal of several images on the index in memory. */
class Removal {
  images: IndexedImage[]
  readonly untagged: string[] = []
  readonly deleted: string[] = []
  readonly #stored: StoredImage[]
  readonly #options: RemoveImagesOptions
  readonly #users: ImageUsers

  constructor(
    images: IndexedImage[],
    stored: StoredImage[],
    options: RemoveImagesOptions,
    users: ImageUsers,
  ) {
    this.images = images
    this.#stored = stored
    this.#options = options
    this.#users = users
  }

  /** Takes a name away, and the image with its last one. */
  remove(id: string, askedBy: string | undefined): void {
    const image = this.images.find((one) => one.id === id)
    if (!image) return
    if (askedBy !== undefined && image.names.length !== 1 && this.#untag(image, askedBy)) return
    const [container] = this.#users.containersOf(id)
    if (container !== undefined) throw usedBy(container, id)
    this.#delete(image)
  }

  /** Whether names are left, so that the image stays. */
  #untag(image: IndexedImage, askedBy: string): boolean {
    const byDigest = askedBy.startsWith('sha256:')
    const byId = image.id.startsWith(askedBy)
    if (byId || byDigest) {
      if (image.names.length > 1 && !this.#options.force) throw severalNames(image, byId ? 'ID' : 'digest')
      return false
    }
    image.names = image.names.filter((name) => name !== askedBy)
    this.untagged.push(askedBy)
    return image.names.length > 0
  }

  #delete(image: IndexedImage): void {
    const self = this.#stored.find(({ id }) => id === image.id)
    const left = this.#present()
    const family = familyOf(left)
    const hasChildren = self !== undefined && family.hasChildren(self)
    const parent = self && family.parentOf(self)
    this.images = this.images.filter((one) => one !== image)
    this.untagged.push(...image.names)
    // A parent's layers stay in its child, so Podman does not call it deleted.
    if (!hasChildren) this.deleted.push(image.id)
    if (parent && !this.#options.noPrune) this.#deleteDangling(parent)
  }

  #deleteDangling(parent: StoredImage): void {
    const image = this.images.find(({ id }) => id === parent.id)
    if (!image || image.names.length) return
    if (familyOf(this.#present()).hasChildren(parent)) return
    if (this.#users.containersOf(parent.id).length) return
    this.#delete(image)
  }

  #present(): StoredImage[] {
    const ids = new Set(this.images.map(({ id }) => id))
    return this.#stored.filter(({ id }) => ids.has(id))
  }
}

const targetsOf = (
  images: readonly IndexedImage[],
  names: readonly string[],
  options: RemoveImagesOptions,
  errors: TspodError[],
): Target[] => {
  if (options.all) return images.map((image) => ({ image, askedBy: [] }))
  const targets = new Map<string, Target>()
  for (const name of names) {
    try {
      const { image, resolvedName } = lookUp(images, name)
      const target = targets.get(image.id) ?? { image, askedBy: [] }
      target.askedBy.push(resolvedName)
      targets.set(image.id, target)
    } catch (error) {
      const failure = toError(error)
      if (!(options.ignore && failure.code === 'not-found')) errors.push(failure)
    }
  }
  return [...targets.values()]
}

const exitCodeOf = (errors: readonly TspodError[]): number => {
  if (!errors.length) return 0
  const used = ({ message }: TspodError) => message.includes('image is in use by a container')
  if (errors.some(used)) return 2
  return errors.every(({ code }) => code === 'not-found') ? 1 : 125
}

/** Containers of images that would go for good: they must be gone before the images lock is taken. */
const removeContainers = async (targets: readonly Target[], users: ImageUsers, errors: TspodError[]) => {
  for (const { image, askedBy } of targets) {
    const left = image.names.filter((name) => !askedBy.includes(name))
    const stays =
      askedBy.length > 0 && image.names.length > 1 && left.length > 0 && left.length < image.names.length
    if (stays || !users.containersOf(image.id).length) continue
    try {
      await users.removeContainers?.(image.id)
    } catch (error) {
      errors.push(toError(error))
    }
  }
}

const removeTargets = (removal: Removal, targets: readonly Target[], errors: TspodError[]): void => {
  for (const { image, askedBy } of targets) {
    for (const name of askedBy.length ? askedBy : [undefined]) {
      try {
        removal.remove(image.id, name)
      } catch (error) {
        errors.push(toError(error))
      }
    }
  }
}

export const removeImages = async (
  context: StoreContext,
  names: readonly string[],
  options: RemoveImagesOptions,
  users: ImageUsers,
): Promise<RemoveImagesReport> => {
  const { kernel, layout, lockPath } = context
  if (options.force) {
    const targets = targetsOf(indexedImages(context), names, options, [])
    const errors: TspodError[] = []
    await removeContainers(targets, users, errors)
    if (errors.length) return { untagged: [], deleted: [], errors, exitCode: exitCodeOf(errors) }
  }
  return withStaging(context, (staging) =>
    withLock(kernel, lockPath, () => {
      const errors: TspodError[] = []
      const images = indexedImages(context)
      const targets = targetsOf(images, names, options, errors)
      const removal = new Removal(images, readableImages(context), options, users)
      removeTargets(removal, targets, errors)
      const { untagged, deleted } = removal
      if (untagged.length || removal.images.length !== images.length) {
        layout.writeIndex(indexOf(removal.images))
        moveGarbage(context, staging)
      }
      return { untagged, deleted, errors, exitCode: exitCodeOf(errors) }
    }),
  )
}

/** Removes until nothing is left to remove: an image may be dangling once its child is gone. */
export const pruneImages = async (
  context: StoreContext,
  { all, filters = [] }: PruneImagesOptions,
  users: ImageUsers,
): Promise<{ id: string; size: number }[]> => {
  const own = all || filters.some((filter) => filter.startsWith('dangling=')) ? [] : ['dangling=true']
  const removed: { id: string; size: number }[] = []
  for (;;) {
    const rows = listImages(context, [...filters, ...own, 'containers=false'], users)
    if (!rows.length) return removed
    const sizes = new Map(rows.map(({ id, size }) => [id, size]))
    const report = await removeImages(context, [...sizes.keys()], { force: true }, users)
    const [error] = report.errors
    if (error) throw error
    const before = removed.length
    for (const id of report.deleted) removed.push({ id, size: sizes.get(id) ?? 0 })
    if (removed.length === before) return removed
  }
}
