/** The OCI image layout in `<root>/images`: `oci-layout`, `index.json` and `blobs/sha256`, as skopeo and others read it. */
import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { TspodError } from '../../errors'
import { errnoOf, fileError, writeAtomically } from '../../state/files'
import { hexOf } from '../digest'
import type { Descriptor, ImageIndex, ImageManifest, OciImage } from '../types'
import { parseConfig, parseIndex, parseManifest } from './documents'

/** Annotations of the descriptors in `index.json`. */
export const NAME = 'org.opencontainers.image.ref.name'
/** The image's ID, so that it can be looked up without opening the manifest. */
export const ID = 'dev.tspod.image.id'
/** JSON list of the names that the image has or had. */
export const HISTORY = 'dev.tspod.image.names-history'

export interface Layout {
  readonly dir: string
  /** Path of a blob, whether it exists or not. */
  blobPath(digest: string): string
  hasBlob(digest: string, size: number): boolean
  /** Size of a blob; 0 where it is missing. */
  sizeOf(digest: string): number
  readIndex(): ImageIndex
  /** Replaces `index.json` so that a power cut leaves the old or the new one. Under the images lock. */
  writeIndex(index: ImageIndex): void
  manifest(digest: string): ImageManifest
  config(manifest: ImageManifest): OciImage
  /** The ID of the image that a descriptor of the index stands for. */
  idOf(descriptor: Descriptor): string
}

// Larger than any sound document, and small enough to be read whole.
const MAX_DOCUMENT = 16 << 20

const isMissing = (error: unknown) => errnoOf(error) === 'ENOENT'

const readDocument = (path: string): Buffer => {
  const { size } = statSync(path)
  if (size > MAX_DOCUMENT)
    throw new TspodError('damaged', `${path} is too large: ${size} bytes`, { object: path })
  return readFileSync(path)
}

const missingBlob = (digest: string, path: string, error: unknown): TspodError =>
  isMissing(error)
    ? new TspodError(
        'damaged',
        `image is damaged: blob ${digest} is missing from the store`,
        { object: path },
        error,
      )
    : fileError('read', path, error)

export const openLayout = (dir: string): Layout => {
  const indexPath = `${dir}/index.json`
  const blobPath = (digest: string) => `${dir}/blobs/sha256/${hexOf(digest)}`
  const blob = (digest: string): Buffer => {
    const path = blobPath(digest)
    try {
      return readDocument(path)
    } catch (error) {
      throw error instanceof TspodError ? error : missingBlob(digest, path, error)
    }
  }
  const manifest = (digest: string) => parseManifest(blob(digest), `manifest ${digest}`)
  return {
    dir,
    blobPath,
    hasBlob: (digest, size) => statSync(blobPath(digest), { throwIfNoEntry: false })?.size === size,
    sizeOf: (digest) => statSync(blobPath(digest), { throwIfNoEntry: false })?.size ?? 0,
    readIndex: () => {
      try {
        return parseIndex(readDocument(indexPath), indexPath)
      } catch (error) {
        if (isMissing(error)) return { schemaVersion: 2, manifests: [] }
        throw error instanceof TspodError ? error : fileError('read', indexPath, error)
      }
    },
    writeIndex: (index) => {
      mkdirSync(`${dir}/blobs/sha256`, { recursive: true, mode: 0o700 })
      if (!statSync(`${dir}/oci-layout`, { throwIfNoEntry: false }))
        writeAtomically(`${dir}/oci-layout`, '{"imageLayoutVersion":"1.0.0"}')
      writeAtomically(indexPath, JSON.stringify(index))
    },
    manifest,
    config: ({ config }) => parseConfig(blob(config.digest), `configuration ${config.digest}`),
    idOf: (descriptor) => descriptor.annotations?.[ID] ?? hexOf(manifest(descriptor.digest).config.digest),
  }
}
