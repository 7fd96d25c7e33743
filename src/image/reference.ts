/**
 * Names of images by the grammar of the distribution project's `reference` package, normalised as Podman does.
 */
import { TspodError } from '../errors'

export interface Reference {
  /** Such as `docker.io`, `localhost` or `[::1]:5000`; empty where the name has none. */
  domain: string
  path: string
  tag?: string
  digest?: string
}

const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const PATH = `${COMPONENT}(?:/${COMPONENT})*`
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[(?:[a-fA-F0-9:]+)\\])`
const DOMAIN = `${HOST}(?::[0-9]+)?`
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'

const REFERENCE = new RegExp(`^((?:${DOMAIN}/)?${PATH})(?::(${TAG}))?(?:@(${DIGEST}))?$`)
const NAME = new RegExp(`^(?:(${DOMAIN})/)?(${PATH})$`)
const ID = /^[a-f0-9]{64}$/
const MAX_NAME = 255

const invalidName = (text: string, problem: string, doing: Doing): TspodError =>
  new TspodError('invalid', `${doing} ${JSON.stringify(text)}: ${problem}`, { object: text })

/** What was being done with a name, for errors. */
type Doing = 'parsing reference' | 'normalizing name'

/** Parses a name as it is written, without completing it. */
export const parseReference = (text: string, doing: Doing = 'parsing reference'): Reference => {
  const invalid = (problem: string) => invalidName(text, problem, doing)
  const match = REFERENCE.exec(text)
  if (!match) {
    if (text === '') throw invalid('repository name must have at least one component')
    if (REFERENCE.test(text.toLowerCase())) throw invalid('repository name must be lowercase')
    throw invalid('invalid reference format')
  }
  const [, name = '', tag, digest] = match
  const [, domain = '', path = ''] = NAME.exec(name) ?? []
  if (name.length > MAX_NAME) throw invalid(`repository name must not be more than ${MAX_NAME} characters`)
  if (digest?.startsWith('sha256:') && !/^sha256:[a-f0-9]{64}$/.test(digest))
    throw invalid('invalid checksum digest length')
  return { domain, path, ...(tag !== undefined && { tag }), ...(digest !== undefined && { digest }) }
}

const tryParse = (text: string): Reference | undefined => {
  try {
    return parseReference(text)
  } catch {
    return undefined
  }
}

/** Whether the first component is a registry and no part of the path. */
const isRegistry = (component: string): boolean =>
  /[.:]/.test(component) || component === 'localhost' || component.toLowerCase() !== component

export const repositoryOf = ({ domain, path }: Reference): string => (domain ? `${domain}/${path}` : path)

export const formatReference = (reference: Reference): string =>
  repositoryOf(reference) +
  (reference.tag === undefined ? '' : `:${reference.tag}`) +
  (reference.digest === undefined ? '' : `@${reference.digest}`)

/** `latest` where there is neither tag nor digest. */
export const withDefaultTag = (reference: Reference): Reference =>
  reference.tag === undefined && reference.digest === undefined ? { ...reference, tag: 'latest' } : reference

/** A digest decides alone; a tag beside it is dropped, as Docker and Podman do. */
const digestAlone = (reference: Reference): Reference =>
  reference.digest === undefined ? reference : { ...reference, tag: undefined }

/** Whether a name leaves its registry open. */
export const isShortName = (text: string): boolean => {
  const slash = text.indexOf('/')
  return slash === -1 || !isRegistry(text.slice(0, slash))
}

/** Docker's reading of a name: without a registry it is Docker Hub's, and without a user it is `library`'s. */
export const dockerReference = (text: string, doing: Doing = 'parsing reference'): Reference => {
  const invalid = (problem: string) => invalidName(text, problem, doing)
  if (ID.test(text))
    throw invalid(`invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  const slash = text.indexOf('/')
  const named = slash !== -1 && isRegistry(text.slice(0, slash))
  let domain = named ? text.slice(0, slash) : 'docker.io'
  let rest = named ? text.slice(slash + 1) : text
  if (domain === 'index.docker.io') domain = 'docker.io'
  if (domain === 'docker.io' && !rest.includes('/')) rest = `library/${rest}`
  const path = rest.replace(/[:@].*$/, '')
  if (path !== path.toLowerCase()) throw invalid('repository name must be lowercase')
  return digestAlone(parseReference(`${domain}/${rest}`, doing))
}

/** The full name under which an image is stored: without a registry it is `localhost`'s, without a tag `latest`. */
export const normalizeName = (text: string): Reference => {
  const parsed = parseReference(text, 'normalizing name')
  const registry = parsed.domain
  const local = registry === '' || (!/[.:]/.test(registry) && registry !== 'localhost')
  return withDefaultTag(
    dockerReference(local ? `localhost/${formatReference(parsed)}` : text, 'normalizing name'),
  )
}

/**
 * The full names that a name may mean among stored images, best first. Nothing that is no name is an error here: it
 * may be an ID.
 */
export const localCandidates = (text: string, searchRegistries: readonly string[] = []): string[] => {
  if (!tryParse(text)) return []
  const readings = isShortName(text)
    ? [...['localhost', ...searchRegistries].map((registry) => `${registry}/${text}`), text]
    : [text]
  const found: string[] = []
  for (const reading of readings) {
    try {
      found.push(formatReference(withDefaultTag(dockerReference(reading))))
    } catch {
      // Names that can be IDs have no Docker reading.
    }
  }
  return [...new Set(found)]
}

/** Whether a stored full name ends in the wanted repository and has its tag: `bar` and `foo/bar` match `quay.io/foo/bar`. */
export const matchesLoosely = (stored: Reference, wanted: Reference): boolean => {
  if (wanted.digest === undefined && stored.tag !== (wanted.tag ?? 'latest')) return false
  return `/${repositoryOf(stored)}`.endsWith(`/${repositoryOf(wanted)}`)
}
