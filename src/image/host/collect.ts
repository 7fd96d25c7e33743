/** Decides what of the host goes into an image: programs, the libraries they load, and a minimal /etc. */
import { posix } from 'node:path'
import { TspodError } from '../../errors'
import type { Kernel } from '../../kernel'
import { readShebang } from './elf'
import { HostTree } from './host-tree'
import { openLibraries } from './libraries'
import { DEFAULT_PROGRAMS, NOTABLE, OPENED_LATER, PATH, TERMINALS, TERMINFO } from './programs'

export interface Collection {
  tree: HostTree
  /** Programs by the name they were asked by: the path in the image. */
  programs: Map<string, string>
  missing: string[]
  missingLibraries: string[]
}

class Collector {
  readonly tree = new HostTree()
  readonly programs = new Map<string, string>()
  readonly missing: string[] = []
  readonly libraries = openLibraries()
  readonly #kernel: Kernel

  constructor(kernel: Kernel) {
    this.#kernel = kernel
  }

  locate(name: string): string | undefined {
    if (name.includes('/')) return posix.resolve(process.cwd(), name)
    // A host may run Node by a path of its own.
    return this.#kernel.findProgram(name) ?? (name === 'node' ? process.execPath : undefined)
  }

  /** Adds a program with all it needs; false where it is missing. */
  program(name: string): boolean {
    const path = this.locate(name)
    const real = path && this.tree.add(path)
    if (!path || !real || this.tree.entries.get(real.slice(1))?.type !== 'file') return false
    this.programs.set(name, path)
    for (const library of this.libraries.load(real)) this.tree.add(library)
    this.#interpreter(real)
    this.#reachable(posix.basename(path), path)
    return true
  }

  /** A script needs what its first line names. */
  #interpreter(script: string): void {
    const [interpreter, argument] = readShebang(script) ?? []
    if (!interpreter) return
    const names = [interpreter, ...(posix.basename(interpreter) === 'env' && argument ? [argument] : [])]
    for (const name of names) if (!this.programs.has(name)) this.program(name)
  }

  /** A program outside of the image's PATH is found through a link. */
  #reachable(name: string, path: string): void {
    const link = `/usr/local/bin/${name}`
    if (!PATH.split(':').includes(posix.dirname(path)) && !this.tree.has(link)) this.tree.link(link, path)
  }
}

/** Folders that every root has, and the files that name its users. */
const addFrame = (tree: HostTree): void => {
  // First: where the host has links to a merged /usr, so has the image.
  for (const name of ['bin', 'sbin', 'lib', 'lib32', 'lib64', 'libx32']) tree.add(`/${name}`)
  for (const name of ['dev', 'proc', 'run', 'sys', 'home', 'etc', 'usr', 'usr/bin', 'usr/local/bin', 'var'])
    tree.folder(`/${name}`)
  for (const name of ['tmp', 'var/tmp']) tree.folder(`/${name}`, 0o1777)
  tree.folder('/root', 0o700)
  tree.text('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n')
  tree.text('/etc/group', 'root:x:0:\nnogroup:x:65534:\n')
  tree.text('/etc/nsswitch.conf', 'passwd: files\ngroup: files\nhosts: files dns\n')
}

const addRuntimeFiles = (collector: Collector): void => {
  const { tree } = collector
  for (const path of ['/etc/ld.so.cache', '/etc/os-release', '/etc/protocols', '/etc/services'])
    tree.add(path)
  if (process.arch === 'x64') tree.add('/etc/ld-musl-x86_64.path')
  if (process.arch === 'arm64') tree.add('/etc/ld-musl-aarch64.path')
  for (const dir of TERMINFO) for (const name of TERMINALS) addFile(tree, `${dir}/${name}`)
  const folders = new Set(
    [...tree.entries].flatMap(([path]) => (/\/libc\.so\.6$/.test(path) ? [`/${posix.dirname(path)}`] : [])),
  )
  for (const folder of folders) for (const name of OPENED_LATER) addFile(tree, `${folder}/${name}`)
}

/** Adds a file that may be missing, without leaving its folders behind then. */
const addFile = (tree: HostTree, path: string): void => {
  const trial = new HostTree()
  if (trial.add(path) === undefined) return
  tree.add(path)
}

/** Collects the named programs, or the default set as far as the host has it. */
export const collectPrograms = (kernel: Kernel, names: readonly string[]): Collection => {
  const collector = new Collector(kernel)
  addFrame(collector.tree)
  for (const name of names.length ? names : DEFAULT_PROGRAMS) {
    if (collector.program(name)) continue
    if (names.length)
      throw new TspodError('not-found', `program ${JSON.stringify(name)} not found on this host`, {
        object: name,
      })
    if (NOTABLE.has(name)) collector.missing.push(name)
  }
  addRuntimeFiles(collector)
  const { tree, programs, missing, libraries } = collector
  return { tree, programs, missing, missingLibraries: [...libraries.missing] }
}
