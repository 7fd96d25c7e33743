import { openSync } from 'node:fs'
import { constants, Script } from 'node:vm'
import * as errors from '../../errors'
import {
  type CacheKey,
  keptCommands,
  readCache,
  type SourceStamp,
  stampOf,
  trustedFolder,
} from './code-cache'
import { type Module, Modules } from './modules'
import { readBytes } from './read-bytes'
import { readShort, wrap } from './short-text'

type Wrapper = (
  exports: object,
  require: (id: string) => unknown,
  module: Module,
  file: string,
  folder: string,
  define: Modules['define'],
  later: Modules['later'],
) => void

/** A bundle that was loaded, and what dist/keep.js needs to keep it for the next run. */
export interface LoadedBundle {
  key: CacheKey
  stamp: SourceStamp
  /** What was read of an earlier run. */
  before: { text: string; hasCode: boolean } | undefined
  modules: Modules
  readWhole(): string
  compiled(): Buffer
}

/** Loads the bundles of dist/, each once, and with a key what of them an earlier run needed, compiled. */
export class Bundles {
  readonly #loaded = new Map<string, Module>()
  readonly #files = new Map<string, number>()
  readonly #kept: LoadedBundle[] = []
  readonly #cache: string | undefined

  /** The bundles of these names are opened now: whoever lives long must not meet those of a later version. */
  constructor(
    private readonly dist: string,
    private readonly key?: CacheKey,
    names: readonly string[] = [],
  ) {
    this.#cache = key && trustedFolder(key)
    for (const name of names) this.#files.set(name, this.#open(name))
  }

  load(name: string): Record<string, unknown> {
    const before = this.#loaded.get(name)
    if (before) return before.exports
    const module: Module = { exports: {} }
    this.#loaded.set(name, module)
    const fd = this.#files.get(name) ?? this.#open(name)
    this.#start(name, fd, module)
    return module.exports
  }

  /** Runs what earlier runs needed. Before the first one there is nothing. */
  runAll(): void {
    for (const { before, modules } of this.#kept) if (before) modules.runAll()
  }

  /**
   * Keeps for the next run what this one needed. After this one, so that the functions it called are compiled. A process
   * that runs any command names the one that it ran: the code of each is added.
   */
  keep(command?: string): void {
    const unsaved = this.#kept.filter((bundle) => this.#isUnsaved(bundle, command))
    if (unsaved.length === 0) return
    try {
      const { keep } = require('./keep.js') as typeof import('./keep')
      for (const bundle of unsaved) keep(bundle, command)
    } catch {
      // it may be a later version's by now; the next run reads the whole again
    }
  }

  #isUnsaved({ key, before, modules }: LoadedBundle, command: string | undefined): boolean {
    if (!before?.hasCode || modules.missed || !this.#cache) return true
    return command !== undefined && !keptCommands(this.#cache, key.purpose).includes(command)
  }

  #open(name: string): number {
    return openSync(`${this.dist}/${name}.js`, 'r')
  }

  #start(name: string, fd: number, module: Module): void {
    const file = `${this.dist}/${name}.js`
    const stamp = stampOf(fd)
    const key = this.key && { ...this.key, purpose: `${this.key.purpose}-${name}` }
    const cached = key && this.#cache ? readCache(this.#cache, key.purpose, stamp) : undefined
    const before = cached && readShort(cached)
    const readWhole = () => wrap(readBytes(fd).toString('latin1'))
    const modules = new Modules((define) => {
      this.#run(compile(readWhole(), file), file, { exports: {} }, { define, later: modules.later })
    })
    const script = compile(before ? before.text : readWhole(), file, before?.code)
    if (key) {
      const hasCode = before?.code !== undefined && !script.cachedDataRejected
      const compiled = () => script.createCachedData()
      this.#kept.push({
        key,
        stamp,
        before: before && { text: before.text, hasCode },
        modules,
        readWhole,
        compiled,
      })
    }
    this.#run(script, file, module, modules)
  }

  #run(script: Script, file: string, module: Module, modules: Pick<Modules, 'define' | 'later'>): void {
    // oclif resolves the files of plugins
    const ownRequire = Object.assign((id: string) => this.#require(id), { resolve: require.resolve })
    const run = script.runInThisContext() as Wrapper
    run(module.exports, ownRequire, module, file, this.dist, modules.define, modules.later)
  }

  /** The bundles of a process share the launcher's errors, one engine, and what is rarely needed of oclif. */
  #require(id: string): unknown {
    if (id === '@tspod/errors') return errors
    if (id === '@tspod/engine') return this.load('engine')
    if (id === '@tspod/oclif') return this.load('oclif')
    return require(id)
  }
}

function compile(text: string, filename: string, cachedData?: Buffer): Script {
  const importModuleDynamically = constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER
  return new Script(text, { filename, cachedData, importModuleDynamically })
}
