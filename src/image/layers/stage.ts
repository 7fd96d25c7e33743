/** Layers on their way from a staged archive to an unpacked folder. */
import { writeFileSync } from 'node:fs'
import { type Compression, detectCompression, openDecompressor } from '../archive/compression'
import { readHead } from '../archive/files'
import { drain, openSource } from '../archive/source'
import type { StoreContext } from '../context'
import { chainIds, short } from '../digest'
import { type LayeredRoot, openLayeredRoot } from '../layered-root'
import { openBlobWriter, type StagedFile } from '../store/blob-writer'
import type { LayerRecord } from '../store/documents'
import type { Staging } from '../store/staging'
import type { Progress } from '../types'
import { openUnpacker, wrongDigest } from './unpack'

export interface UnpackedLayer {
  /** Folder in staging. */
  name: string
  diffId: string
  size: number
  empty: boolean
}

const compressionOf = async (path: string): Promise<Compression> => {
  const source = openSource({ path })
  try {
    return detectCompression(await readHead(source))
  } finally {
    source.close()
  }
}

/** The OCI knows layers that are plain, gzip or zstd: others are stored plain. */
const plainCopy = async (
  { kernel }: StoreContext,
  staging: Staging,
  file: StagedFile,
  compression: Compression,
): Promise<StagedFile> => {
  const source = openSource({ path: `${staging.path}/${file.name}` })
  const writer = openBlobWriter(kernel, staging, `layer ${short(file.digest)}`)
  const codec = await openDecompressor(kernel, compression, writer.push)
  try {
    await drain(source, (chunk) => codec.push(chunk), { phase: 'reading', item: short(file.digest) })
    await codec.finish()
    return writer.finish()
  } finally {
    codec.close()
    writer.abandon()
    source.close()
  }
}

export interface StagedLayer {
  file: StagedFile
  compression: Compression
}

/** A layer in a form that the store keeps. */
export const prepareLayer = async (
  context: StoreContext,
  staging: Staging,
  file: StagedFile,
): Promise<StagedLayer> => {
  const compression = await compressionOf(`${staging.path}/${file.name}`)
  if (compression !== 'xz' && compression !== 'bzip2') return { file, compression }
  return { file: await plainCopy(context, staging, file, compression), compression: 'none' }
}

/** Unpacks a staged layer beside it. `below` are the chain IDs under it, and what unpacked layers are in staging. */
export const unpackStaged = async (
  context: StoreContext,
  staging: Staging,
  { file, compression }: StagedLayer,
  lower: LayeredRoot | undefined,
  progress?: Progress,
): Promise<UnpackedLayer> => {
  const { kernel, userXattr, shift } = context
  const name = staging.fresh()
  const source = openSource({ path: `${staging.path}/${file.name}` })
  const diffId = compression === 'none' ? file.digest : undefined
  const unpacker = await openUnpacker(kernel, staging, name, { compression, userXattr, shift, lower, diffId })
  try {
    const step = { phase: 'unpacking', item: short(file.digest) } as const
    await drain(source, (chunk) => unpacker.push(chunk), step, progress)
    return { name, ...(await unpacker.finish()) }
  } finally {
    unpacker.close()
    source.close()
  }
}

/** Writes the record that makes an unpacked folder a layer; its chain ID. */
export const recordLayer = (staging: Staging, layer: UnpackedLayer, parent: string | null): string => {
  const chainId = chainIds(parent === null ? [layer.diffId] : [parent, layer.diffId]).at(-1) ?? layer.diffId
  const record: LayerRecord = { chainId, diffId: layer.diffId, parent, size: layer.size }
  writeFileSync(`${staging.path}/${layer.name}/layer.json`, JSON.stringify(record))
  return chainId
}

/** Layers that are unpacked in staging: chain ID and folder. */
export type Unpacked = Map<string, string>

const lowerOf = (
  { kernel, layers }: StoreContext,
  staging: Staging,
  below: readonly string[],
  unpacked: Unpacked,
): LayeredRoot | undefined => {
  if (!below.length) return undefined
  const dirs = below.map((chainId) => {
    const staged = unpacked.get(chainId)
    return staged ? `${staging.path}/${staged}/diff` : layers.diffOf(layers.find(chainId)?.name ?? '')
  })
  return openLayeredRoot(kernel, dirs.reverse())
}

export interface LayeredImage {
  diffIds: readonly string[]
  layers: readonly StagedLayer[]
}

/** Unpacks those layers of an image that are neither in the store nor in staging. */
export const unpackMissing = async (
  context: StoreContext,
  staging: Staging,
  { diffIds, layers }: LayeredImage,
  unpacked: Unpacked,
  progress?: Progress,
): Promise<void> => {
  const chain = chainIds(diffIds)
  for (const [at, chainId] of chain.entries()) {
    const layer = layers[at]
    const wanted = diffIds[at] ?? ''
    // A plain layer's digest is known before it is unpacked, so it is checked even if there is nothing to unpack.
    if (layer?.compression === 'none' && layer.file.digest !== wanted)
      throw wrongDigest(`layer ${short(layer.file.digest)}`, layer.file.digest, wanted)
    if (!layer || unpacked.has(chainId) || context.layers.find(chainId)) continue
    const lower = lowerOf(context, staging, chain.slice(0, at), unpacked)
    const done = await unpackStaged(context, staging, layer, lower, progress)
    if (done.diffId !== wanted) throw wrongDigest(`layer ${short(layer.file.digest)}`, done.diffId, wanted)
    recordLayer(staging, done, chain[at - 1] ?? null)
    unpacked.set(chainId, done.name)
  }
}
