/** Finds the libraries of a program as the loaders of glibc and musl do. */
import { readFileSync, realpathSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Elf, readElf } from './elf'
import { readLdCache } from './ld-cache'

export interface Libraries {
  /** Paths of all that a program loads, its interpreter included; each path once over all calls. */
  load(program: string): string[]
  /** Names that were asked for and not found. */
  readonly missing: ReadonlySet<string>
}

const isMusl = (elf: Elf): boolean => elf.interpreter?.includes('ld-musl') ?? false

const MULTIARCH: Record<string, string> = { x64: 'x86_64-linux-gnu', arm64: 'aarch64-linux-gnu' }

const glibcFolders = (): string[] => {
  const multiarch = MULTIARCH[process.arch]
  const folders = multiarch ? [`/lib/${multiarch}`, `/usr/lib/${multiarch}`] : []
  return [...folders, '/lib64', '/usr/lib64', '/lib', '/usr/lib']
}

/** `/etc/ld-musl-ARCH.path` names musl's folders, one a line or with colons between. */
const muslFolders = (interpreter: string): string[] => {
  const arch = /ld-musl-(.+)\.so/.exec(interpreter)?.[1] ?? ''
  try {
    return readFileSync(`/etc/ld-musl-${arch}.path`, 'latin1').split(/[:\n]/).filter(Boolean)
  } catch {
    return ['/lib', '/usr/local/lib', '/usr/lib']
  }
}

interface Wanting {
  elf: Elf
  path: string
  /** RPATHs of those that led here. */
  inherited: string[]
}

class Loader implements Libraries {
  readonly missing = new Set<string>()
  readonly #given = new Set<string>()
  #cache: Map<string, string[]> | undefined

  load(program: string): string[] {
    const elf = this.#read(program)
    if (!elf) return []
    const found: string[] = []
    const give = (path: string) => {
      if (!this.#given.has(path)) found.push(path)
      this.#given.add(path)
    }
    if (elf.interpreter) give(elf.interpreter)
    const folders = isMusl(elf) ? muslFolders(elf.interpreter ?? '') : glibcFolders()
    const seen = new Set<string>()
    const queue: Wanting[] = [{ elf, path: program, inherited: [] }]
    for (let here = queue.shift(); here; here = queue.shift()) {
      for (const name of here.elf.needed) {
        if (seen.has(name)) continue
        seen.add(name)
        const library = this.#find(name, here, isMusl(elf), folders)
        if (!library) {
          this.missing.add(name)
          continue
        }
        give(library.path)
        const inherited = [...rpathOf(here), ...here.inherited]
        queue.push({ ...library, inherited })
      }
    }
    return found
  }

  #read(path: string): Elf | undefined {
    try {
      return readElf(path)
    } catch {
      return undefined
    }
  }

  #find(
    name: string,
    here: Wanting,
    musl: boolean,
    folders: string[],
  ): { path: string; elf: Elf } | undefined {
    const candidates = name.includes('/')
      ? [name]
      : [
          ...this.#named(here, name),
          ...(musl ? [] : this.#cached(name)),
          ...folders.map((dir) => `${dir}/${name}`),
        ]
    for (const path of candidates) {
      const elf = this.#read(path)
      if (elf && elf.bits === here.elf.bits && elf.machine === here.elf.machine) return { path, elf }
    }
    return undefined
  }

  /** In the folders that the objects themselves name. */
  #named(here: Wanting, name: string): string[] {
    const folders = [...rpathOf(here), ...here.inherited, ...expand(here.elf.runpath, here.path)]
    return folders.map((dir) => `${dir}/${name}`)
  }

  #cached(name: string): string[] {
    this.#cache ??= readLdCache()
    return this.#cache.get(name) ?? []
  }
}

// With a RUNPATH the object's RPATH does not count.
const rpathOf = ({ elf, path }: Wanting): string[] => (elf.runpath.length ? [] : expand(elf.rpath, path))

const expand = (paths: readonly string[], object: string): string[] => {
  const origin = (() => {
    try {
      return dirname(realpathSync(object))
    } catch {
      return dirname(object)
    }
  })()
  return paths.flatMap((path) => {
    const whole = path.replace(/\$(?:ORIGIN\b|\{ORIGIN\})/g, origin)
    const multiarch = MULTIARCH[process.arch]
    const names = ['lib', 'lib64', ...(multiarch ? [`lib/${multiarch}`] : [])]
    const lib = /\$(?:LIB\b|\{LIB\})/
    return lib.test(whole) ? names.map((name) => whole.replace(lib, name)) : [whole]
  })
}

export const openLibraries = (): Libraries => new Loader()
