import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, realpathSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'

/** Programs of the host that the tests call inside containers, where the host has them. */
const PROGRAMS =
  `sh ls cat echo printf env printenv id whoami hostname uname sleep head tail wc sort tr cut grep sed date touch mkdir rm
  cp mv ln chmod chown readlink stat dd seq tee true false test expr sync mkfifo mknod nproc stty tty df timeout basename dirname md5sum
  ps ip ipcs ipcmk mount umount unshare node`.split(/\s+/)

/** The first program of that name on the PATH, or undefined. */
export function findProgram(name: string): string | undefined {
  const folders = (process.env.PATH ?? '').split(delimiter).concat('/usr/sbin', '/sbin', '/usr/bin', '/bin')
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path))
}

/** What the dynamic loader would load for a program, itself included. */
function libraries(program: string): string[] {
  let text: string
  try {
    text = execFileSync('ldd', [program], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  } catch {
    return []
  }
  return [...text.matchAll(/(?:=>\s+|^\s+)(\/\S+)/gm)].map((match) => match[1]!)
}

function place(root: string, source: string, target: string) {
  const path = join(root, target)
  if (existsSync(path)) return
  mkdirSync(dirname(path), { recursive: true })
  copyFileSync(realpathSync(source), path)
}

/**
 * Makes a root folder from programs of the host, in a way that has nothing to do with `image from-host`, so that
 * Podman can import the same one.
 */
export function makeRootfs(root: string, fixtures: string, programs: readonly string[] = PROGRAMS) {
  for (const name of programs) {
    const path = findProgram(name)
    if (path === undefined) continue
    place(root, path, join('/usr/bin', name))
    chmodSync(join(root, '/usr/bin', name), 0o755)
    for (const library of libraries(realpathSync(path))) place(root, library, library)
  }
  for (const folder of ['etc', 'root', 'work', 'proc', 'sys', 'dev', 'run', 'var']) {
    mkdirSync(join(root, folder), { recursive: true })
  }
  mkdirSync(join(root, 'tmp'), { mode: 0o1777 })
  chmodSync(join(root, 'tmp'), 0o1777)
  // /bin is a link where no loader lies in it
  if (!existsSync(join(root, 'bin'))) execFileSync('ln', ['-s', 'usr/bin', join(root, 'bin')])
  writeFileSync(
    join(root, 'etc/passwd'),
    'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/home/user:/bin/sh\n',
  )
  writeFileSync(join(root, 'etc/group'), 'root:x:0:\nuser:x:1000:\nextra:x:2000:user\n')
  cpSync(join(fixtures, 'srv'), join(root, 'srv'), { recursive: true })
}

export function packRootfs(root: string, archive: string) {
  execFileSync('tar', ['-C', root, '-cf', archive, '.'])
}
