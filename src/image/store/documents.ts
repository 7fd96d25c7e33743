/** JSON documents of images and of the store, checked as they are read: they come from strangers, or off a disk. */
import * as v from 'valibot'
import { TspodError } from '../../errors'
import type { ImageIndex, ImageManifest, OciImage } from '../types'

const digest = v.pipe(v.string(), v.regex(/^sha256:[0-9a-f]{64}$/, 'is no SHA-256 digest'))
const strings = v.record(v.string(), v.string())
const optional = <T extends v.GenericSchema>(schema: T) => v.nullish(schema)
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

const platform = v.looseObject({ os: v.string(), architecture: v.string(), variant: v.optional(v.string()) })

const descriptor = v.looseObject({
  mediaType: v.optional(v.string(), ''),
  digest,
  size,
  annotations: optional(strings),
  platform: optional(platform),
})

const index = v.looseObject({ schemaVersion: v.literal(2), manifests: v.array(descriptor) })

const manifest = v.looseObject({
  schemaVersion: v.literal(2),
  mediaType: v.optional(v.string()),
  config: descriptor,
  layers: v.array(descriptor),
  annotations: optional(strings),
})

const words = optional(v.array(v.string()))
const set = optional(v.record(v.string(), v.looseObject({})))

const config = v.looseObject({
  created: optional(v.string()),
  author: optional(v.string()),
  architecture: v.optional(v.string(), ''),
  os: v.optional(v.string(), ''),
  variant: optional(v.string()),
  config: optional(
    v.looseObject({
      User: optional(v.string()),
      ExposedPorts: set,
      Env: words,
      Entrypoint: words,
      Cmd: words,
      Volumes: set,
      WorkingDir: optional(v.string()),
      Labels: optional(strings),
      StopSignal: optional(v.string()),
      OnBuild: words,
    }),
  ),
  rootfs: v.looseObject({
    type: v.string(),
    diff_ids: v.pipe(
      optional(v.array(digest)),
      v.transform((ids) => ids ?? []),
    ),
  }),
  history: optional(
    v.array(
      v.looseObject({
        created: optional(v.string()),
        created_by: optional(v.string()),
        author: optional(v.string()),
        comment: optional(v.string()),
        empty_layer: optional(v.boolean()),
      }),
    ),
  ),
})

const dockerManifest = v.array(
  v.looseObject({
    Config: v.string(),
    RepoTags: optional(v.array(v.string())),
    Layers: optional(v.array(v.string())),
  }),
)

const layerRecord = v.looseObject({ chainId: digest, diffId: digest, parent: v.nullable(digest), size })

export type DockerManifest = v.InferOutput<typeof dockerManifest>
export type LayerRecord = v.InferOutput<typeof layerRecord>

const parse = <T extends v.GenericSchema>(schema: T, bytes: Buffer, what: string): v.InferOutput<T> => {
  let value: unknown
  try {
    value = JSON.parse(bytes.toString())
  } catch (error) {
    throw new TspodError('damaged', `${what} is damaged: it is no JSON`, { object: what }, error)
  }
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const [issue] = result.issues
  const path = issue ? v.getDotPath(issue) : undefined
  throw new TspodError('damaged', `${what} is damaged: ${path ? `${path}: ` : ''}${issue?.message}`, {
    object: what,
  })
}

/** `null` stands for nothing in documents written by Go. */
const withoutNulls = <T>(value: unknown): T =>
  JSON.parse(JSON.stringify(value), (_, inner) => (inner === null ? undefined : inner)) as T

export const parseIndex = (bytes: Buffer, what: string): ImageIndex => withoutNulls(parse(index, bytes, what))

export const parseManifest = (bytes: Buffer, what: string): ImageManifest =>
  withoutNulls(parse(manifest, bytes, what))

export const parseConfig = (bytes: Buffer, what: string): OciImage => withoutNulls(parse(config, bytes, what))

export const parseDockerManifest = (bytes: Buffer, what: string): DockerManifest =>
  parse(dockerManifest, bytes, what)

export const parseLayerRecord = (bytes: Buffer, what: string): LayerRecord => parse(layerRecord, bytes, what)

export const MEDIA = {
  index: 'application/vnd.oci.image.index.v1+json',
  manifest: 'application/vnd.oci.image.manifest.v1+json',
  config: 'application/vnd.oci.image.config.v1+json',
  layer: 'application/vnd.oci.image.layer.v1.tar',
  dockerIndex: 'application/vnd.docker.distribution.manifest.list.v2+json',
  dockerManifest: 'application/vnd.docker.distribution.manifest.v2+json',
  dockerConfig: 'application/vnd.docker.container.image.v1+json',
  dockerLayer: 'application/vnd.docker.image.rootfs.diff.tar',
} as const
