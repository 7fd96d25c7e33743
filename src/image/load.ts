import { readFileSync, statSync } from 'node:fs'
import { TspodError } from '../errors'
import type { ArchiveImage } from './archive/archive-image'
import { isDockerArchive, readDockerArchive } from './archive/docker-archive'
import { type ArchiveFiles, stageFolder, stageTar } from './archive/files'
import { isOciLayout, readImageDir, readOciLayout } from './archive/oci-archive'
import { openSource } from './archive/source'
import { type StoreContext, withStaging } from './context'
import { install } from './install'
import { naming } from './naming'
import { formatReference, normalizeName } from './reference'
import type { Staging } from './store/staging'
import type { ArchiveSource, LoadOptions } from './types'

const unsupported = (name: string): TspodError =>
  new TspodError(
    'invalid',
    `payload does not match any of the supported image formats: ${name} is no docker-archive, oci-archive, oci-dir or docker-dir`,
    { object: name, hint: 'a tarball of a root file system is taken in with import' },
  )

const isFolder = (source: ArchiveSource): source is { path: string } => {
  if (!('path' in source)) return false
  const status = statSync(source.path, { throwIfNoEntry: false })
  if (!status)
    throw new TspodError('not-found', `stat ${source.path}: no such file or directory`, {
      call: 'stat',
      errno: 'ENOENT',
      object: source.path,
    })
  return status.isDirectory()
}

const readArchive = async (
  { kernel }: StoreContext,
  staging: Staging,
  source: ArchiveSource,
  options: LoadOptions,
): Promise<ArchiveImage[]> => {
  const name = 'path' in source ? source.path : source.name
  const bytes = openSource(source)
  let files: ArchiveFiles
  try {
    files = await stageTar(kernel, staging, bytes, name, options.progress)
  } catch (error) {
    throw error instanceof TspodError && error.code === 'invalid'
      ? unsupported(name)
      : naming('load', name, error)
  } finally {
    bytes.close()
  }
  // Docker's own archives are both, and their index has less of the names.
  if (isDockerArchive(files)) return readDockerArchive(files, staging)
  if (isOciLayout(files)) return readOciLayout(files, staging)
  throw unsupported(name)
}

/** An image folder has no name of its own; Podman calls it by its path. */
const nameOfFolder = (path: string): string[] => {
  try {
    return [formatReference(normalizeName(`localhost/${path.replace(/^\/+|\/+$/g, '')}`))]
  } catch {
    return []
  }
}

const readFolder = async (
  { kernel }: StoreContext,
  staging: Staging,
  path: string,
  options: LoadOptions,
): Promise<ArchiveImage[]> => {
  const files = stageFolder(kernel, staging, path, options.progress)
  if (isOciLayout(files)) return readOciLayout(files, staging)
  if (!isDockerArchive(files)) throw unsupported(path)
  // An unpacked docker-archive has a list there, an image folder one manifest.
  const unpackedArchive = readFileSync(`${path}/manifest.json`, 'latin1').trimStart().startsWith('[')
  return unpackedArchive
    ? readDockerArchive(files, staging)
    : readImageDir(files, staging, nameOfFolder(path))
}

/** `load`: takes in all images of an archive or folder; their names, or IDs of those that have none. */
export const loadImages = async (
  context: StoreContext,
  source: ArchiveSource,
  options: LoadOptions = {},
): Promise<string[]> => {
  const folder = isFolder(source)
  return withStaging(context, async (staging) => {
    const images = folder
      ? await readFolder(context, staging, source.path, options)
      : await readArchive(context, staging, source, options)
    if (!images.length) throw new TspodError('invalid', 'archive holds no image')
    const ids = await install(context, staging, images, new Map(), options.progress)
    return images.flatMap(({ names }, at) => (names.length ? names : [`sha256:${ids[at]}`]))
  })
}
