/** What `docker save` and `podman save` write: `manifest.json`, and in it the names of configurations and layers. */

import { dockerReference, formatReference, withDefaultTag } from '../reference'
import { parseConfig, parseDockerManifest } from '../store/documents'
import type { Staging } from '../store/staging'
import { type ArchiveImage, checkLayers, missingFile } from './archive-image'
import { type ArchiveFiles, readStaged } from './files'

const MANIFEST = 'manifest.json'

export const isDockerArchive = (files: ArchiveFiles): boolean => files.has(MANIFEST)

const openFile = async (files: ArchiveFiles, name: string) => {
  const file = await files.open(name)
  if (!file) throw missingFile(name)
  return file
}

export const readDockerArchive = async (files: ArchiveFiles, staging: Staging): Promise<ArchiveImage[]> => {
  const manifest = await openFile(files, MANIFEST)
  const images: ArchiveImage[] = []
  for (const item of parseDockerManifest(readStaged(staging, manifest, MANIFEST), MANIFEST)) {
    const configFile = await openFile(files, item.Config)
    const config = parseConfig(readStaged(staging, configFile, item.Config), item.Config)
    const layers = []
    for (const name of item.Layers ?? []) layers.push(await openFile(files, name))
    checkLayers(config, layers, item.Config)
    const names = (item.RepoTags ?? []).map((name) => formatReference(withDefaultTag(dockerReference(name))))
    images.push({ config, configFile, layers, names })
  }
  return images
}
