import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { inject } from 'vitest'
import { BINARY, PODMAN, runBinary, storeOptions } from './command'
import { fixtures } from './places'
import { makeRootfs, packRootfs } from './rootfs'

/** Image with a shell, the usual programs and Node; `httpd` is the same with a web server on port 80 as its command. */
export const IMAGE = 'localhost/base'
export const HTTPD = 'localhost/httpd'

const HTTPD_CHANGES = ['CMD ["node", "/srv/httpd.js"]', 'EXPOSE 80/tcp', 'STOPSIGNAL SIGTERM']

async function command(folder: string, ...args: string[]) {
  const options = storeOptions(join(folder, 'root'), join(folder, 'runroot'))
  const { exitCode, stderr } = await runBinary([...options, ...args])
  if (exitCode !== 0) throw new Error(`${BINARY} ${args.join(' ')}: exit ${exitCode}\n${stderr}`)
}

/** The images' root file system as a tar archive, made once a run. */
export function rootfsArchive(): string {
  const archive = join(inject('folder'), 'rootfs.tar')
  if (existsSync(archive)) return archive
  const root = join(inject('folder'), 'rootfs')
  makeRootfs(root, fixtures)
  packRootfs(root, `${archive}.part`)
  rmSync(root, { recursive: true })
  renameSync(`${archive}.part`, archive)
  return archive
}

/** A store with the images, made once a run. The files of a run come one after another, so nobody else makes it too. */
async function template(): Promise<string> {
  const ready = join(inject('folder'), 'template')
  if (existsSync(ready)) return ready
  const archive = rootfsArchive()
  const folder = `${ready}.part`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(join(folder, 'runroot'), { recursive: true })
  await command(folder, 'import', '-c', 'CMD ["sh"]', archive, IMAGE)
  const changes = HTTPD_CHANGES.flatMap((change) => ['-c', change])
  await command(folder, 'import', ...changes, archive, HTTPD)
  if (PODMAN) {
    // Podman makes the image of its infra containers with the first pod
    await command(folder, 'pod', 'create', '--name', 'first')
    await command(folder, 'pod', 'rm', 'first')
    // its database knows the folder by its absolute path
    rmSync(join(folder, 'root', 'libpod'), { recursive: true })
  }
  renameSync(folder, ready)
  return ready
}

/** Makes `folder` a store with the images. */
export async function copyTemplate(folder: string) {
  const source = join(await template(), 'root')
  mkdirSync(join(folder, 'runroot'), { mode: 0o700, recursive: true })
  execFileSync('cp', ['-a', '--', source, join(folder, 'root')])
}
