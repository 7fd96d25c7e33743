/** Rows of `image ls` and `image history` as Podman's templates see them. */
import type { ImageHistoryRow, ImageSummary } from '../libpod'
import { toJson } from './go-json'
import { FineDate, formatRfc3339 } from './go-time'
import { asMap, asStruct, nilMap, nilSlice } from './template'
import { humanDuration, humanSizeWithPrecision } from './units'

const SHORT_ID = 12
const SIZE_DIGITS = 3
const SHORT_COMMAND = 45
const NONE = '<none>'

export const IMAGE_SORTS = ['created', 'id', 'repository', 'size', 'tag'] as const
export type ImageSort = (typeof IMAGE_SORTS)[number]

export const IMAGE_HEADERS = { ID: 'IMAGE ID', ReadOnly: 'R/O' }

/** An image under one of its names; untagged ones have a row too. */
export interface NamedImage {
  image: ImageSummary
  repository: string
  tag: string
}

const splitName = (name: string): [repository: string, tag: string] => {
  const at = name.indexOf('@')
  const plain = at === -1 ? name : name.slice(0, at)
  const [, repository = plain, tag = NONE] = /^(.*):([^:/]+)$/.exec(plain) ?? []
  return [repository, tag]
}

const namedImages = (image: ImageSummary): NamedImage[] => {
  const rows = image.names.map((name): NamedImage => {
    const [repository, tag] = splitName(name)
    return { image, repository, tag }
  })
  const tagged = rows.filter(({ tag }) => tag !== NONE)
  if (tagged.length) return tagged
  return [rows[0] ?? { image, repository: NONE, tag: NONE }]
}

const compare = (a: string | number, b: string | number): number => (a < b ? -1 : a > b ? 1 : 0)

const orders: Record<ImageSort, (a: NamedImage, b: NamedImage) => number> = {
  created: (a, b) => compare(secondsOf(b.image), secondsOf(a.image)),
  id: (a, b) => compare(a.image.id, b.image.id),
  repository: (a, b) => compare(a.repository, b.repository) || compare(a.tag, b.tag),
  size: (a, b) => compare(a.image.size, b.image.size),
  tag: (a, b) => compare(a.tag, b.tag),
}

const secondsOf = ({ created }: ImageSummary): number => Math.floor(created.getTime() / 1000)

/** One row for each name. */
export const sortedImages = (images: readonly ImageSummary[], sort: ImageSort): NamedImage[] =>
  images.flatMap(namedImages).sort(orders[sort])

interface Asked {
  digests: boolean
  history: boolean
}

/** The table that `image ls` prints of its own. */
export function imageFormat({ digests, history }: Asked): string {
  const columns = ['Repository', 'Tag', ...(digests ? ['Digest'] : []), 'ID', 'Created', 'Size']
  if (history) columns.push('History')
  return `table ${columns.map((column) => `{{.${column}}}`).join('\t')}`
}

export const imageId = ({ id }: ImageSummary, noTrunc: boolean): string =>
  noTrunc ? `sha256:${id}` : id.slice(0, SHORT_ID)

const slice = (values: readonly string[]): unknown[] => (values.length ? [...values] : nilSlice())

const map = (labels: ImageSummary['labels']): object => (labels ? asMap({ ...labels }) : nilMap())

/** `152 MB`: Podman puts a blank before the unit. */
const sizeText = (bytes: number): string =>
  humanSizeWithPrecision(bytes, SIZE_DIGITS).replace(/(\d)([^\d]*)$/, '$1 $2')

const utcText = (created: Date): string => `${created.toISOString().slice(0, 19).replace('T', ' ')} +0000 UTC`

/** An image as `--format` sees it: what Podman calls imageReporter. */
export function imageRow({ image, repository, tag }: NamedImage, noTrunc: boolean, now = Date.now()): object {
  const since = `${humanDuration(now - secondsOf(image) * 1000)} ago`
  const at = utcText(image.created)
  const row = {
    Repository: repository,
    Tag: tag,
    ID: imageId(image, noTrunc),
    Id: image.id,
    ParentId: image.parentId,
    RepoTags: slice(image.names),
    RepoDigests: slice(image.repoDigests),
    Created: since,
    CreatedSince: since,
    CreatedAt: at,
    CreatedTime: at,
    Size: sizeText(image.size),
    SharedSize: 0,
    VirtualSize: image.size,
    Labels: map(image.labels),
    Containers: image.containers,
    ReadOnly: false,
    IsReadOnly: false,
    Dangling: image.dangling,
    IsDangling: image.dangling,
    Digest: image.digest,
    History: image.namesHistory.join(', ') || NONE,
    Names: slice(image.names),
    Arch: '',
    Os: '',
  }
  return asStruct(row, 'images.imageReporter')
}

/** `image ls --format json`. */
export const imageJson = (rows: readonly NamedImage[]): string =>
  toJson(
    rows.map(({ image, repository, tag }) =>
      asStruct({
        Id: image.id,
        ParentId: image.parentId,
        RepoTags: null,
        RepoDigests: [...image.repoDigests],
        Size: image.size,
        SharedSize: 0,
        VirtualSize: image.size,
        Labels: image.labels && asMap({ ...image.labels }),
        Containers: image.containers,
        ...(image.dangling && { Dangling: true }),
        Digest: image.digest,
        ...(image.namesHistory.length && { History: image.namesHistory }),
        ...(image.names.length && { Names: image.names }),
        Created: secondsOf(image),
        CreatedAt: `${image.created.toISOString().slice(0, 19)}Z`,
        Repository: repository,
        Tag: tag,
      }),
    ),
    { indent: '    ', escapeHtml: true },
  )

export const HISTORY_HEADERS = { CreatedBy: 'CREATED BY' }
export const HISTORY_FORMAT = 'table {{.ID}}\t{{.Created}}\t{{.CreatedBy}}\t{{.Size}}\t{{.Comment}}'

interface HistoryAsked {
  human: boolean
  noTrunc: boolean
}

const rfc3339 = (created: string): string => formatRfc3339(new FineDate(created.replace(/\.\d+/, '')))

/** A row of `history` as `--format` sees it: what Podman calls historyReporter. */
export function historyRow(row: ImageHistoryRow, { human, noTrunc }: HistoryAsked, now = Date.now()): object {
  const since = `${humanDuration(now - Date.parse(row.created))} ago`
  const command =
    noTrunc || row.createdBy.length <= SHORT_COMMAND
      ? row.createdBy
      : `${row.createdBy.slice(0, SHORT_COMMAND - 3)}...`
  const fields = {
    ID: noTrunc ? row.id : row.id.slice(0, SHORT_ID),
    Created: human ? since : rfc3339(row.created),
    CreatedSince: human ? since : rfc3339(row.created),
    CreatedAt: rfc3339(row.created),
    CreatedBy: command,
    Size: humanSizeWithPrecision(row.size, SIZE_DIGITS).replace(/(\d)([^\d]*)$/, '$1 $2'),
    Comment: row.comment,
    Tags: slice(row.tags),
  }
  return asStruct(fields, 'images.historyReporter')
}

/** `history --format json`: one line, and the time twice, as Podman has it. */
export const historyJson = (rows: readonly ImageHistoryRow[]): string =>
  toJson(
    rows.map((row) =>
      asStruct({
        id: row.id,
        created: new FineDate(row.created),
        ...(row.createdBy && { CreatedBy: row.createdBy }),
        ...(row.tags.length && { tags: row.tags }),
        size: row.size,
        ...(row.comment && { comment: row.comment }),
        Created: rfc3339(row.created),
      }),
    ),
    { escapeHtml: true },
  )
