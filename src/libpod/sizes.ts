import { lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { EngineContext } from './context'
import { writableLayer } from './start/rootfs'

const BLOCK = 512

// Files that have several names count once.
const folderSize = (folder: string, seen: Set<string>): number => {
  let size = 0
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    const status = lstatSync(path)
    if (entry.isDirectory()) size += folderSize(path, seen)
    else if (status.nlink === 1 || !seen.has(`${status.dev}:${status.ino}`)) size += status.blocks * BLOCK
    if (status.nlink > 1) seen.add(`${status.dev}:${status.ino}`)
  }
  return size
}

/** Bytes on disk of what a container has written; 0 where it has not run. */
export const writableSize = (context: EngineContext, id: string): number => {
  try {
    return folderSize(writableLayer(context, id).upper, new Set())
  } catch {
    return 0
  }
}

/** Bytes of an image's layers; 0 where it is gone. */
export const imageSize = async (context: EngineContext, id: string): Promise<number> => {
  const images = await context.images()
  return images.list().find((image) => image.id === id)?.size ?? 0
}
