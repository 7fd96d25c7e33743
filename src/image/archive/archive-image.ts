import { TspodError } from '../../errors'
import type { StagedFile } from '../store/blob-writer'
import type { OciImage } from '../types'

/** An image as an archive holds it, before its layers are unpacked. */
export interface ArchiveImage {
  config: OciImage
  /** The configuration as it came: its digest is the image's ID. */
  configFile: StagedFile
  /** Bottom first. */
  layers: StagedFile[]
  /** An OCI manifest to keep as it is; otherwise one is made. */
  manifestFile?: StagedFile
  names: string[]
}

export const checkLayers = (config: OciImage, layers: readonly StagedFile[], what: string): void => {
  const wanted = config.rootfs.diff_ids.length
  if (wanted === layers.length) return
  throw new TspodError(
    'damaged',
    `${what} is damaged: its configuration names ${wanted} layers, and it has ${layers.length}`,
    { object: what },
  )
}

export const missingFile = (name: string): TspodError =>
  new TspodError('damaged', `archive is damaged: ${JSON.stringify(name)} is missing`, { object: name })
