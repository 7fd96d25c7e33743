import { TspodError } from '../../errors'
import { withLock } from '../../state/lock'
import type { StoreContext } from '../context'
import { formatReference, normalizeName } from '../reference'
import { indexedImages } from './catalog'
import { assignNames, indexOf } from './indexed'
import { lookUp } from './lookup'

const refused = (name: string, doing: 'tag' | 'untag'): TspodError =>
  new TspodError('usage', `${name}: ${doing} by digest not supported`, { object: name })

/** Gives names to an image. */
export const tagImage = (context: StoreContext, nameOrId: string, names: readonly string[]): Promise<void> =>
  withLock(context.kernel, context.lockPath, () => {
    const images = indexedImages(context)
    const { id } = lookUp(images, nameOrId).image
    const full = names.map((name) => {
      if (name.startsWith('sha256:')) throw refused(name, 'tag')
      const reference = normalizeName(name)
      if (reference.digest !== undefined) throw refused(name, 'tag')
      return formatReference(reference)
    })
    context.layout.writeIndex(indexOf(assignNames(images, id, full)))
  })

/** Takes names from an image, all of them where none is given; it stays in the store. */
export const untagImage = (
  context: StoreContext,
  nameOrId: string,
  names: readonly string[],
): Promise<void> =>
  withLock(context.kernel, context.lockPath, () => {
    const images = indexedImages(context)
    const { image } = lookUp(images, nameOrId)
    let left = image.names
    for (const name of names.length ? names : image.names) {
      if (name.startsWith('sha256:')) throw refused(name, 'untag')
      const full = formatReference(normalizeName(name))
      if (!left.includes(full)) throw new TspodError('not-found', `${full}: tag not known`, { object: full })
      left = left.filter((one) => one !== full)
    }
    image.names = left
    context.layout.writeIndex(indexOf(images))
  })
