/** Podman's filters of images: those of different keys must all match, and of one key too, except `reference`. */
import { TspodError } from '../../errors'
import { parseUntil } from '../../state/until'
import { parseReference, repositoryOf } from '../reference'
import type { ImageSummary } from '../types'

type Test = (image: ImageSummary) => boolean

export interface FilterContext {
  /** The image of a name; undefined where there is none. */
  find(name: string): { id: string; created: Date } | undefined
}

/** Go's strconv.ParseBool. */
const goBool = (key: string, value: string): boolean => {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false
  throw new TspodError(
    'usage',
    `non-boolean value ${JSON.stringify(key)} for ${value} filter: strconv.ParseBool: parsing ${JSON.stringify(value)}: invalid syntax`,
  )
}

/** Go's path.Match: `*` and `?` stop at a slash. */
export const globMatches = (pattern: string, text: string): boolean => {
  const source = pattern.replace(/\\(.)|\[\^?[^\]]*\]|[*?]|[.+^${}()|\\/]/g, (part) => {
    if (part === '*') return '[^/]*'
    if (part === '?') return '[^/]'
    if (part.startsWith('[')) return part
    return `\\${part.replace(/^\\/, '')}`
  })
  try {
    return new RegExp(`^${source}$`, 's').test(text)
  } catch {
    return false
  }
}

/** The forms of a full name that a pattern may match: with and without registry, path and tag. */
const formsOf = (name: string): string[] => {
  const reference = parseReference(name)
  const repository = repositoryOf(reference)
  const suffix = name.slice(repository.length)
  const last = repository.slice(repository.lastIndexOf('/') + 1)
  const { path } = reference
  return [name, path, `${last}${suffix}`, repository, `${path}${suffix}`, last]
}

const matchesReference = (context: FilterContext, pattern: string): Test => {
  const exact = context.find(pattern)?.id
  return ({ id, names }) =>
    id === exact || names.some((name) => formsOf(name).some((form) => globMatches(pattern, form)))
}

const matchesLabel = (value: string): Test => {
  const [key = '', ...rest] = value.split('=')
  const wanted = rest.join('=')
  return ({ labels }) =>
    Object.entries(labels ?? {}).some(
      ([name, text]) => globMatches(key, name) && (rest.length === 0 || wanted === '' || text === wanted),
    )
}

const timeOf = (context: FilterContext, key: string, value: string): number => {
  const image = context.find(value)
  if (image) return image.created.getTime()
  throw new TspodError(
    'not-found',
    `could not find local image for filter ${JSON.stringify(key)}=${JSON.stringify(value)}: ${value}: image not known`,
  )
}

const containersTest = (value: string): Test => {
  if (!['true', 'false', 'external'].includes(value))
    throw new TspodError('usage', `unsupported value ${JSON.stringify(value)} for containers filter`)
  return ({ containers }) => (value === 'external' ? containers === 0 : containers > 0 === (value === 'true'))
}

const testOf = (context: FilterContext, key: string, value: string): Test => {
  switch (key) {
    case 'after':
    case 'since': {
      const time = timeOf(context, key, value)
      return ({ created }) => created.getTime() > time
    }
    case 'before': {
      const time = timeOf(context, key, value)
      return ({ created }) => created.getTime() < time
    }
    case 'until': {
      const time = parseUntil(value)
      return ({ created }) => created.getTime() < time
    }
    case 'containers':
      return containersTest(value)
    case 'dangling': {
      const wanted = goBool(key, value)
      return ({ dangling }) => dangling === wanted
    }
    case 'intermediate': {
      const wanted = goBool(key, value)
      return ({ intermediate }) => intermediate === wanted
    }
    // No image of this store is read-only or a manifest list.
    case 'readonly':
    case 'manifest': {
      const wanted = goBool(key, value)
      return () => !wanted
    }
    case 'id':
      return ({ id }) => id.startsWith(value)
    case 'digest':
      if (!value.startsWith('sha256:'))
        throw new TspodError('usage', `invalid value ${JSON.stringify(value)} for digest filter`)
      return ({ digest }) => digest.startsWith(value)
    case 'label':
      return matchesLabel(value)
    case 'reference':
      return matchesReference(context, value)
    default:
      throw badFilter(key)
  }
}

const badFilter = (filter: string): TspodError =>
  new TspodError(
    'usage',
    `invalid image filter ${JSON.stringify(filter)}: must be in the format "filter=value or filter!=value"`,
  )

const FULL = /^[^/]*[.:][^/]*\/|^localhost\//

/** A single full name asks for that name: an image's other names are left out of its row. */
const onlyNamed = (references: readonly string[], image: ImageSummary): ImageSummary => {
  const [wanted] = references
  if (references.length !== 1 || wanted === undefined || !FULL.test(wanted)) return image
  const repository = wanted.replace(/(?::[^:/@]+)?(?:@.*)?$/, '')
  if (repository === wanted) return image
  const isWanted = (name: string) =>
    wanted.includes('@') ? name.startsWith(`${repository}:`) : name === wanted
  return { ...image, names: image.names.filter(isWanted) }
}

/** Keeps the rows that the filters (`key=value` or `key!=value`) let through. */
export const filterImages = (
  images: readonly ImageSummary[],
  filters: readonly string[],
  context: FilterContext,
): ImageSummary[] => {
  const tests: Test[] = []
  const references: string[] = []
  const unwanted: string[] = []
  for (const filter of filters) {
    const match = /^([^=]*?)(!?)=(.*)$/s.exec(filter)
    if (!match) throw badFilter(filter)
    const [, key = '', not, value = ''] = match
    if (key === 'reference') (not ? unwanted : references).push(value)
    else {
      const test = testOf(context, key, value)
      tests.push(not ? (image) => !test(image) : test)
    }
  }
  const wanted = references.map((value) => matchesReference(context, value))
  if (wanted.length) tests.push((image) => wanted.some((test) => test(image)))
  for (const value of unwanted) {
    const test = matchesReference(context, value)
    tests.push((image) => !test(image))
  }
  const kept = images.filter((image) => tests.every((test) => test(image)))
  return unwanted.length ? kept : kept.map((image) => onlyNamed(references, image))
}
