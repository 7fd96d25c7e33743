/** An OCI image layout, packed or not, and containers/image's `dir` form, which has one manifest and no index. */
import { TspodError } from '../../errors'
import { hexOf } from '../digest'
import { wrongDigest } from '../layers/unpack'
import { chooseManifest } from '../platform'
import { formatReference, normalizeName } from '../reference'
import type { StagedFile } from '../store/blob-writer'
import { MEDIA, parseConfig, parseIndex, parseManifest } from '../store/documents'
import type { Staging } from '../store/staging'
import type { Descriptor, ImageManifest } from '../types'
import { type ArchiveImage, checkLayers, missingFile } from './archive-image'
import { type ArchiveFiles, readStaged } from './files'

const NAMES = ['io.containerd.image.name', 'org.opencontainers.image.ref.name']

export const isOciLayout = (files: ArchiveFiles): boolean =>
  files.has('index.json') && files.has('oci-layout')

type Locate = (digest: string) => string
const inLayout: Locate = (digest) => `blobs/sha256/${hexOf(digest)}`
const inDir: Locate = (digest) => hexOf(digest)

const isIndex = ({ mediaType }: Descriptor) => mediaType === MEDIA.index || mediaType === MEDIA.dockerIndex

class Reader {
  readonly #files: ArchiveFiles
  readonly #staging: Staging
  readonly #locate: Locate
  readonly #opened = new Map<string, StagedFile>()

  constructor(files: ArchiveFiles, staging: Staging, locate: Locate) {
    this.#files = files
    this.#staging = staging
    this.#locate = locate
  }

  async document(name: string): Promise<{ file: StagedFile; bytes: Buffer }> {
    const file = await this.#files.open(name)
    if (!file) throw missingFile(name)
    return { file, bytes: readStaged(this.#staging, file, name) }
  }

  async blob({ digest }: Descriptor): Promise<StagedFile> {
    const known = this.#opened.get(digest)
    if (known) return known
    const name = this.#locate(digest)
    const file = await this.#files.open(name)
    if (!file) throw missingFile(name)
    if (file.digest !== digest) throw wrongDigest(`blob ${digest}`, file.digest, digest)
    this.#opened.set(digest, file)
    return file
  }

  /** Follows indexes down to the manifest for this machine. */
  async manifest(descriptor: Descriptor, depth = 0): Promise<{ file: StagedFile; bytes: Buffer }> {
    const file = await this.blob(descriptor)
    const bytes = readStaged(this.#staging, file, `manifest ${descriptor.digest}`)
    if (!isIndex(descriptor)) return { file, bytes }
    const chosen = chooseManifest(parseIndex(bytes, `index ${descriptor.digest}`).manifests)
    if (!chosen || depth > 3)
      throw new TspodError('unsupported', `archive holds no image for linux/${process.arch}`)
    return this.manifest(chosen, depth + 1)
  }

  async image(file: StagedFile, bytes: Buffer, names: string[]): Promise<ArchiveImage> {
    const what = `manifest ${file.digest}`
    const manifest = parseManifest(bytes, what)
    const configFile = await this.blob(manifest.config)
    const config = parseConfig(
      readStaged(this.#staging, configFile, `configuration ${configFile.digest}`),
      `configuration ${configFile.digest}`,
    )
    const layers = []
    for (const layer of manifest.layers) layers.push(await this.blob(layer))
    checkLayers(config, layers, what)
    return { config, configFile, layers, names, ...(isOci(manifest) && { manifestFile: file }) }
  }
}

const isOci = (manifest: ImageManifest): boolean =>
  (manifest.mediaType ?? MEDIA.manifest) === MEDIA.manifest && manifest.config.mediaType === MEDIA.config

const namesOf = ({ annotations }: Descriptor): string[] => {
  const name = NAMES.map((key) => annotations?.[key]).find(Boolean)
  return name ? [formatReference(normalizeName(name))] : []
}

/** One image for each entry of the index; entries that differ in their platform alone are one image. */
export const readOciLayout = async (files: ArchiveFiles, staging: Staging): Promise<ArchiveImage[]> => {
  const reader = new Reader(files, staging, inLayout)
  const index = parseIndex((await reader.document('index.json')).bytes, 'index.json')
  const variants = index.manifests.filter((entry) => entry.platform && !namesOf(entry).length)
  const chosen = variants.length > 1 ? chooseManifest(variants) : variants[0]
  const images = new Map<string, ArchiveImage>()
  for (const descriptor of index.manifests) {
    if (variants.includes(descriptor) && descriptor !== chosen) continue
    const names = namesOf(descriptor)
    const known = images.get(descriptor.digest)
    if (known) known.names.push(...names)
    else {
      const { file, bytes } = await reader.manifest(descriptor)
      images.set(descriptor.digest, await reader.image(file, bytes, names))
    }
  }
  return [...images.values()]
}

/** The `dir` form: a manifest in Docker's or the OCI's form, and the blobs beside it. */
export const readImageDir = async (
  files: ArchiveFiles,
  staging: Staging,
  names: string[],
): Promise<ArchiveImage[]> => {
  const reader = new Reader(files, staging, inDir)
  const { file, bytes } = await reader.document('manifest.json')
  return [await reader.image(file, bytes, names)]
}
