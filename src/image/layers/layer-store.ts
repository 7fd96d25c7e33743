/**
 * Unpacked layers: `<root>/layers/<12 hex digits of the chain ID>/{diff,layer.json}`. The short names keep the mount
 * options of an image with many layers below the page that mount(2) takes; `layer.json` says which layer it really is.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { TspodError } from '../../errors'
import type { Kernel } from '../../kernel'
import { O } from '../../kernel/constants'
import { errnoOf, fileError } from '../../state/files'
import { hexOf } from '../digest'
import { type LayerRecord, parseLayerRecord } from '../store/documents'

export interface LayerStore {
  readonly dir: string
  /** Name of the layer's folder in `dir`, with its record; undefined where it is not unpacked. */
  find(chainId: string): { name: string; record: LayerRecord } | undefined
  /** The folder that holds a layer's files. */
  diffOf(name: string): string
  /** Moves a finished layer in place; where it is there already, nothing happens. Under the images lock. */
  publish(fromDir: number, from: string, chainId: string): void
  /** All layers, by chain ID. */
  all(): Map<string, string>
  /** Forgets what was read before: another process may have removed layers. */
  refresh(): void
}

const SHORT = [12, 24, 64] as const

const readRecord = (path: string): LayerRecord | undefined => {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT' || errnoOf(error) === 'ENOTDIR') return undefined
    throw fileError('read', path, error)
  }
  try {
    return parseLayerRecord(bytes, path)
  } catch {
    // A power cut may leave an empty record; the layer is then unpacked again.
    return undefined
  }
}

const namesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir)
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return []
    throw fileError('read', dir, error)
  }
}

export const openLayerStore = (kernel: Kernel, dir: string): LayerStore => {
  const known = new Map<string, { name: string; record: LayerRecord }>()
  const recordOf = (name: string) => readRecord(`${dir}/${name}/layer.json`)
  const find: LayerStore['find'] = (chainId) => {
    const cached = known.get(chainId)
    if (cached) return cached
    for (const length of SHORT) {
      const name = hexOf(chainId).slice(0, length)
      const record = recordOf(name)
      if (!record) continue
      if (record.chainId !== chainId) continue
      const found = { name, record }
      known.set(chainId, found)
      return found
    }
    return undefined
  }
  return {
    dir,
    find,
    diffOf: (name) => `${dir}/${name}/diff`,
    publish: (fromDir, from, chainId) => {
      known.delete(chainId)
      if (find(chainId)) return
      const to = kernel.openat(-100, dir, O.PATH | O.DIRECTORY)
      try {
        publishIn(kernel, fromDir, from, to, hexOf(chainId), recordOf)
      } finally {
        kernel.close(to)
      }
    },
    all: () => {
      const layers = new Map<string, string>()
      for (const name of namesIn(dir)) layers.set(recordOf(name)?.chainId ?? '', name)
      layers.delete('')
      return layers
    },
    refresh: () => known.clear(),
  }
}

const publishIn = (
  kernel: Kernel,
  fromDir: number,
  from: string,
  to: number,
  hex: string,
  recordOf: (name: string) => LayerRecord | undefined,
): void => {
  for (const length of SHORT) {
    const name = hex.slice(0, length)
    // Another layer with the same first digits keeps its name; what has no sound record is rubbish.
    if (recordOf(name)) continue
    kernel.removeTree(to, name)
    const result = kernel.renameat(fromDir, from, to, name)
    if (result < 0)
      throw new TspodError('system', `put layer ${name} in place: errno ${-result}`, { call: 'renameat2' })
    return
  }
}
