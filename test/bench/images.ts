import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeRootfs, packRootfs } from '../integration/harness/rootfs'

/** A root with the programs that the rows call, as a tar archive. */
export function baseArchive(folder: string, fixtures: string): string {
  const root = join(folder, 'base')
  makeRootfs(root, fixtures, ['sh', 'true', 'sleep', 'cat', 'yes', 'head', 'node'])
  const archive = join(folder, 'base.tar')
  packRootfs(root, archive)
  rmSync(root, { recursive: true })
  return archive
}

/** A docker-archive of one layer with 3,000 files of 50 kB each, half of them compressible. */
export function manyFilesArchive(folder: string): string {
  const root = join(folder, 'many')
  const layer = join(folder, 'archive', 'layer.tar')
  mkdirSync(join(folder, 'archive'))
  for (let n = 0; n < 3000; n++) {
    const parent = join(root, `d${n % 60}`)
    mkdirSync(parent, { recursive: true })
    writeFileSync(join(parent, `f${n}`), n % 2 ? randomBytes(50_000) : Buffer.alloc(50_000, `file ${n} `))
  }
  execFileSync('tar', ['-C', root, '-cf', layer, '.'])
  const diff = createHash('sha256').update(readFileSync(layer)).digest('hex')
  const config = JSON.stringify({
    architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
    os: 'linux',
    config: { Cmd: ['true'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${diff}`] },
    history: [{ created_by: 'bench' }],
  })
  writeFileSync(join(folder, 'archive', 'config.json'), config)
  const manifest = [{ Config: 'config.json', RepoTags: ['localhost/many:latest'], Layers: ['layer.tar'] }]
  writeFileSync(join(folder, 'archive', 'manifest.json'), JSON.stringify(manifest))
  const archive = join(folder, 'many.tar')
  execFileSync('tar', [
    '-C',
    join(folder, 'archive'),
    '-cf',
    archive,
    'manifest.json',
    'config.json',
    'layer.tar',
  ])
  rmSync(root, { recursive: true })
  rmSync(join(folder, 'archive'), { recursive: true })
  return archive
}
