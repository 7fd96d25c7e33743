/** Image archives made by hand, so that each part of them can be wrong. */
import { createHash } from 'node:crypto'
import { entry, tar } from '../../unit/image/make-tar'

export const digestOf = (bytes: Buffer | string): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`

const hex = (bytes: Buffer | string): string => digestOf(bytes).slice('sha256:'.length)

export interface MadeImage {
  layers: Buffer[]
  tags?: string[]
  config?: object
  history?: object[]
  /** In place of the layers' own digests. */
  diffIds?: string[]
}

export const configOf = ({ layers, config = {}, history, diffIds }: MadeImage): Buffer =>
  Buffer.from(
    JSON.stringify({
      created: '2026-01-02T03:04:05Z',
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: diffIds ?? layers.map(digestOf) },
      history:
        history ??
        layers.map((_, index) => ({ created_by: `layer ${index}`, created: '2026-01-02T03:04:05Z' })),
    }),
  )

export const idOf = (image: MadeImage): string => hex(configOf(image))

const json = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

/** What `docker save` writes. `manifest` changes its list before it is written. */
export const dockerArchive = (
  images: MadeImage[],
  manifest: (list: object[]) => unknown = (list) => list,
): Buffer => {
  const files = new Map<string, Buffer>()
  const list = images.map((image) => {
    const config = configOf(image)
    files.set(`${hex(config)}.json`, config)
    for (const layer of image.layers) files.set(`${hex(layer)}.tar`, layer)
    return {
      Config: `${hex(config)}.json`,
      RepoTags: image.tags ?? null,
      Layers: image.layers.map((layer) => `${hex(layer)}.tar`),
    }
  })
  files.set('manifest.json', json(manifest(list)))
  return tar(...[...files].map(([name, data]) => entry({ name, data })))
}

export interface OciFiles {
  files: Map<string, Buffer>
  /** Digest of the manifest. */
  manifest: string
}

/** The files of an OCI layout with one image. `spoil` changes them at the end. */
export const ociFiles = (image: MadeImage, layerType = 'tar'): OciFiles => {
  const files = new Map<string, Buffer>()
  const put = (bytes: Buffer, mediaType: string) => {
    files.set(`blobs/sha256/${hex(bytes)}`, bytes)
    return { mediaType, digest: digestOf(bytes), size: bytes.length }
  }
  const vnd = 'application/vnd.oci.image'
  const config = put(configOf(image), `${vnd}.config.v1+json`)
  const layers = image.layers.map((layer) => put(layer, `${vnd}.layer.v1.${layerType}`))
  const manifest = put(json({ schemaVersion: 2, config, layers }), `${vnd}.manifest.v1+json`)
  const [name] = image.tags ?? []
  const annotations = name === undefined ? {} : { annotations: { 'org.opencontainers.image.ref.name': name } }
  files.set('oci-layout', json({ imageLayoutVersion: '1.0.0' }))
  files.set('index.json', json({ schemaVersion: 2, manifests: [{ ...manifest, ...annotations }] }))
  return { files, manifest: manifest.digest }
}

export const packed = (files: ReadonlyMap<string, Buffer>): Buffer =>
  tar(...[...files].map(([name, data]) => entry({ name, data })))
