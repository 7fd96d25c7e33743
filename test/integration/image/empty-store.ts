import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, inject } from 'vitest'
import { Store } from '../harness/store'

/** A store without images of its own, for the tests of one file. */
export class ImageStoreUnderTest extends Store {
  /** Writes an archive into the store's folder; its path. */
  file(name: string, bytes: Buffer): string {
    const path = join(this.folder, name)
    writeFileSync(path, bytes)
    return path
  }

  /** Imports bytes under a name, and gives the folder of the image's top layer. */
  async imported(name: string, bytes: Buffer): Promise<string> {
    await this.ok('import', '--quiet', this.file(`${name}.tar`, bytes), name)
    return this.layer(name)
  }

  async layer(name: string): Promise<string> {
    return this.ok('image', 'inspect', '--format', '{{.GraphDriver.Data.UpperDir}}', name)
  }

  /** The layers of an image, top first. */
  async layers(name: string): Promise<string[]> {
    const { UpperDir, LowerDir } = JSON.parse(
      await this.ok('image', 'inspect', '--format', '{{json .GraphDriver.Data}}', name),
    ) as { UpperDir: string; LowerDir?: string }
    return [UpperDir, ...(LowerDir?.split(':') ?? [])]
  }

  /** Runs a script in an image's merged tree, mounted in a mount namespace that ends with it. */
  async merged(name: string, script: string): Promise<string> {
    const layers = await this.layers(name)
    const mount =
      layers.length === 1
        ? `mount --bind ${layers[0]} /mnt`
        : `mount -t overlay overlay -o lowerdir=${layers.join(':')} /mnt`
    const { stdout, stderr, status } = spawnSync(
      'unshare',
      ['--mount', 'sh', '-c', `${mount} && cd /mnt && ${script}`],
      { encoding: 'latin1' },
    )
    if (status !== 0) throw new Error(`${script}: ${stderr}`)
    return stdout.trimEnd()
  }

  /** What the store has beside the images that are listed: nothing may be left of one that failed. */
  leftovers(): string[] {
    const folders = ['tmp', 'layers', 'images/blobs/sha256']
    return folders.flatMap((folder) => {
      const path = join(this.root, folder)
      return existsSync(path) ? readdirSync(path).map((name) => `${folder}/${name}`) : []
    })
  }
}

export function useEmptyStore(): ImageStoreUnderTest {
  const store = new ImageStoreUnderTest(mkdtempSync(join(inject('folder'), 'images-')))
  beforeAll(() => {
    mkdirSync(store.runroot)
  })
  afterAll(() => rmSync(store.folder, { recursive: true, force: true }))
  return store
}
