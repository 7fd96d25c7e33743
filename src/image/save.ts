/** `save`: images as a docker-archive, an oci-archive, or a folder in either form. */
import { readFileSync } from 'node:fs'
import { TspodError } from '../errors'
import { detectCompression, openDecompressor } from './archive/compression'
import { readHead } from './archive/files'
import { drain, openSource } from './archive/source'
import { type ArchiveTarget, openFolderTarget, openTarTarget } from './archive/target'
import type { StoreContext } from './context'
import { digestOf, hexOf, short } from './digest'
import { goJson } from './go-json'
import { formatReference, normalizeName } from './reference'
import { findImage, layerSizes } from './store/catalog'
import { MEDIA } from './store/documents'
import { NAME } from './store/layout'
import { rootfsOf } from './store/rootfs'
import type { ArchiveSource, Descriptor, FoundImage, SaveOptions, StoredImage } from './types'

/** An image and the full names that it has in the archive. */
interface Saved {
  image: StoredImage
  names: string[]
}

const putBytes = (target: ArchiveTarget, name: string, bytes: Buffer): Promise<void> =>
  target.file(name, bytes.length, (put) => put(bytes))

/** Copies a blob of the store; `plain` says its uncompressed size where it is to be unpacked on the way. */
const putBlob = async (
  { kernel, layout }: StoreContext,
  target: ArchiveTarget,
  name: string,
  blob: Descriptor,
  options: SaveOptions,
  plain?: number,
): Promise<void> => {
  const source = openSource({ path: layout.blobPath(blob.digest) })
  const step = { phase: 'reading', item: short(blob.digest) } as const
  try {
    await target.file(name, plain ?? blob.size, async (put) => {
      if (plain === undefined) return drain(source, put, step, options.progress)
      const head = Buffer.from(await readHead(source))
      const ready: Buffer[] = []
      const codec = await openDecompressor(kernel, detectCompression(head), (chunk) => {
        ready.push(Buffer.from(chunk))
      })
      const pass = async (chunk: Buffer) => {
        await codec.push(chunk)
        for (const part of ready.splice(0)) await put(part)
      }
      try {
        await pass(head)
        await drain(source, pass, step, options.progress)
        await codec.finish()
        for (const part of ready.splice(0)) await put(part)
      } finally {
        codec.close()
      }
    })
  } finally {
    source.close()
  }
}

const saveDockerArchive = async (
  context: StoreContext,
  target: ArchiveTarget,
  images: readonly Saved[],
  options: SaveOptions,
): Promise<void> => {
  const written = new Set<string>()
  const once = async (name: string, put: () => Promise<void>) => {
    if (!written.has(name)) await put()
    written.add(name)
    return name
  }
  const manifest: { Config: string; RepoTags: string[]; Layers: string[] }[] = []
  for (const { image, names } of images) {
    // An unpacked layer's record knows the plain size, which the header of the entry needs.
    await rootfsOf(context, image)
    const sizes = layerSizes(context, image)
    const layers: string[] = []
    for (const [at, diffId] of image.config.rootfs.diff_ids.entries()) {
      const blob = image.manifest.layers[at]
      if (!blob) throw new TspodError('damaged', `image ${short(image.id)} has too few layers`)
      const name = `${hexOf(diffId)}.tar`
      layers.push(await once(name, () => putBlob(context, target, name, blob, options, sizes[at])))
    }
    const config = `${image.id}.json`
    await once(config, () => putBlob(context, target, config, image.manifest.config, options))
    manifest.push({ Config: config, RepoTags: names, Layers: layers })
  }
  await putBytes(target, 'manifest.json', Buffer.from(goJson(manifest)))
}

const saveOci = async (
  context: StoreContext,
  target: ArchiveTarget,
  { image, names }: Saved,
  options: SaveOptions,
): Promise<void> => {
  const { layout } = context
  const manifest = { mediaType: MEDIA.manifest, digest: image.digest, size: layout.sizeOf(image.digest) }
  const blobs = new Map(
    [manifest, image.manifest.config, ...image.manifest.layers].map((blob) => [blob.digest, blob]),
  )
  for (const [digest, blob] of blobs)
    await putBlob(context, target, `blobs/sha256/${hexOf(digest)}`, blob, options)
  // Podman takes an OCI archive for one image if its index has one entry, so it has one name.
  const [name] = names
  const annotations = name === undefined ? {} : { annotations: { [NAME]: name } }
  const manifests = [{ ...manifest, ...annotations }]
  await putBytes(target, 'index.json', Buffer.from(goJson({ schemaVersion: 2, manifests })))
  await putBytes(target, 'oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.0"}'))
}

/** containers/image's `dir` form, with Docker's manifest and media types. */
const saveDockerDir = async (
  context: StoreContext,
  target: ArchiveTarget,
  { image }: Saved,
  options: SaveOptions,
): Promise<void> => {
  const { config, layers } = image.manifest
  for (const blob of [config, ...layers]) await putBlob(context, target, hexOf(blob.digest), blob, options)
  const dockerType = ({ mediaType }: Descriptor) =>
    mediaType.replace(MEDIA.layer, MEDIA.dockerLayer).replace('+', '.')
  const manifest = {
    schemaVersion: 2,
    mediaType: MEDIA.dockerManifest,
    config: { mediaType: MEDIA.dockerConfig, size: config.size, digest: config.digest },
    layers: layers.map((layer) => ({ mediaType: dockerType(layer), size: layer.size, digest: layer.digest })),
  }
  await putBytes(target, 'manifest.json', Buffer.from(goJson(manifest)))
  await putBytes(target, 'version', Buffer.from('Directory Transport Version: 1.1\n'))
}

const namesOf = ({ id, resolvedName }: FoundImage): string[] =>
  id.startsWith(resolvedName) || resolvedName.startsWith('sha256:') || resolvedName.includes('@')
    ? []
    : [resolvedName]

/** Names of one image are put together, in the order in which they were asked for. */
const choose = (context: StoreContext, names: readonly string[], { format, multi }: SaveOptions): Saved[] => {
  const [first = '', ...more] = names
  if (!multi) {
    const image = findImage(context, first)
    const added = more.map((name) => formatReference(normalizeName(name)))
    return [{ image, names: [...new Set([...namesOf(image), ...added])] }]
  }
  if (format !== 'docker-archive')
    throw new TspodError(
      'usage',
      `unsupported format ${JSON.stringify(format)} for saving multiple images (only docker-archive)`,
    )
  const saved = new Map<string, Saved>()
  for (const name of names) {
    const image = findImage(context, name)
    const entry = saved.get(image.id) ?? { image, names: [] }
    for (const full of namesOf(image)) if (!entry.names.includes(full)) entry.names.push(full)
    saved.set(image.id, entry)
  }
  return [...saved.values()]
}

/** All blobs are there and whole before a byte is written. */
const checkBlobs = ({ layout }: StoreContext, images: readonly Saved[]): void => {
  for (const { image } of images) {
    for (const { digest, size } of [image.manifest.config, ...image.manifest.layers])
      if (!layout.hasBlob(digest, size))
        throw new TspodError(
          'damaged',
          `image ${short(image.id)} is damaged: blob ${digest} is missing or cut`,
        )
    if (digestOf(readFileSync(layout.blobPath(image.digest))) !== image.digest)
      throw new TspodError('damaged', `image ${short(image.id)} is damaged: its manifest has another digest`)
  }
}

export const saveImages = async (
  context: StoreContext,
  names: readonly string[],
  target: ArchiveSource,
  options: SaveOptions,
): Promise<void> => {
  const images = choose(context, names, options)
  checkBlobs(context, images)
  const [first] = images
  if (!first) throw new TspodError('usage', 'no image to save')
  const folder = options.format === 'oci-dir' || options.format === 'docker-dir'
  if (folder && !('path' in target))
    throw new TspodError('usage', `--format ${options.format} needs a folder to write to`)
  const output = folder && 'path' in target ? openFolderTarget(target.path) : openTarTarget(target)
  try {
    if (options.format === 'docker-archive') await saveDockerArchive(context, output, images, options)
    else if (options.format === 'docker-dir') await saveDockerDir(context, output, first, options)
    else await saveOci(context, output, first, options)
    await output.finish()
  } catch (error) {
    output.abandon()
    throw error
  }
}
