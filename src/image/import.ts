import { fstatSync, statSync } from 'node:fs'
import { TspodError } from '../errors'
import type { ArchiveImage } from './archive/archive-image'
import { drain, openSource } from './archive/source'
import { configFromChanges } from './changes'
import { type StoreContext, withStaging } from './context'
import { hexOf } from './digest'
import { goJson, goTime } from './go-json'
import { install } from './install'
import { prepareLayer, recordLayer, unpackStaged } from './layers/stage'
import { naming } from './naming'
import { hostPlatform, normalizeArchitecture } from './platform'
import { formatReference, normalizeName } from './reference'
import { openBlobWriter, type StagedFile, stageBytes } from './store/blob-writer'
import type { Staging } from './store/staging'
import type { ArchiveSource, ImageConfig, ImportOptions, OciImage, Platform } from './types'

export interface LayerDescription {
  created: string
  createdBy: string
  comment: string
  config: ImageConfig
  platform: Platform
  names: string[]
}

/** The configuration of an image of one layer, its fields in the order of Podman's. */
const configOf = (diffId: string, about: LayerDescription): OciImage => ({
  created: about.created,
  architecture: about.platform.architecture,
  ...(about.platform.variant && { variant: about.platform.variant }),
  os: about.platform.os,
  config: about.config,
  rootfs: { type: 'layers', diff_ids: [diffId] },
  history: [{ created: about.created, created_by: about.createdBy, comment: about.comment }],
})

/** Makes an image of one staged layer; its ID. */
export const installLayer = async (
  context: StoreContext,
  staging: Staging,
  file: StagedFile,
  describe: (diffId: string) => LayerDescription,
  options: Pick<ImportOptions, 'progress'> = {},
): Promise<string> => {
  const layer = await prepareLayer(context, staging, file)
  const done = await unpackStaged(context, staging, layer, undefined, options.progress)
  if (done.empty && file.size === 0)
    throw new TspodError('damaged', 'archive is empty: it has no files and no end mark')
  const about = describe(done.diffId)
  const config = configOf(done.diffId, about)
  const configFile = stageBytes(context.kernel, staging, Buffer.from(goJson(config)), 'configuration')
  const image: ArchiveImage = { config, configFile, layers: [layer.file], names: about.names }
  const unpacked = new Map([[recordLayer(staging, done, null), done.name]])
  const [id = ''] = await install(context, staging, [image], unpacked)
  return id
}

// Podman takes the file's own time, so that the same file twice is the same image.
const createdOf = (source: ArchiveSource): string => {
  const status =
    'path' in source ? statSync(source.path, { bigint: true }) : fstatSync(source.fd, { bigint: true })
  return goTime(status.isFile() ? status.mtimeNs : BigInt(Date.now()) * 1_000_000n)
}

const stageSource = async (
  { kernel }: StoreContext,
  staging: Staging,
  source: ArchiveSource,
  options: ImportOptions,
): Promise<StagedFile> => {
  const name = 'path' in source ? source.path : source.name
  const bytes = openSource(source)
  const writer = openBlobWriter(kernel, staging, name)
  try {
    await drain(bytes, writer.push, { phase: 'reading', item: name }, options.progress)
    return writer.finish()
  } finally {
    writer.abandon()
    bytes.close()
  }
}

/** `import`: an image of one layer from a tarball of a root. */
export const importRootfs = async (
  context: StoreContext,
  source: ArchiveSource,
  options: ImportOptions = {},
): Promise<string> => {
  const names = options.reference ? [formatReference(normalizeName(options.reference))] : []
  const config = configFromChanges(options.changes ?? [])
  const { os, architecture, variant } = { ...hostPlatform(), ...definedOf(options.platform) }
  const platform = { os, architecture: normalizeArchitecture(architecture), ...(variant && { variant }) }
  const describe = (diffId: string): LayerDescription => ({
    created: createdOf(source),
    createdBy: `/bin/sh -c #(nop) ADD file:${hexOf(diffId)} in /`,
    comment: options.message ?? 'imported from tarball',
    config,
    platform,
    names,
  })
  try {
    return await withStaging(context, async (staging) => {
      const file = await stageSource(context, staging, source, options)
      return installLayer(context, staging, file, describe, options)
    })
  } catch (error) {
    throw naming('import', 'path' in source ? source.path : source.name, error)
  }
}

const definedOf = (platform: Partial<Platform> = {}): Partial<Platform> =>
  Object.fromEntries(Object.entries(platform).filter(([, value]) => value !== undefined && value !== ''))
