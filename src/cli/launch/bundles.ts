import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { constants, Script } from 'node:vm'
import * as errors from '../../errors'
import { type CacheKey, readCache, stampOf, writeCache } from './code-cache'

type Wrapper = (
  exports: object,
  require: (id: string) => unknown,
  module: { exports: Record<string, unknown> },
  file: string,
  folder: string,
) => void

/** Loads the bundles of dist/, each once, through the code cache if there is a key for one. */
export class Bundles {
  readonly #loaded: Record<string, { exports: Record<string, unknown> }> = {}
  readonly #keepers: (() => void)[] = []

  constructor(
    private readonly dist: string,
    private readonly key?: CacheKey,
  ) {}

  load(name: string): Record<string, unknown> {
    const before = this.#loaded[name]
    if (before) return before.exports
    const module: { exports: Record<string, unknown> } = { exports: {} }
    this.#loaded[name] = module
    const file = join(this.dist, `${name}.js`)
    const run = this.#compile(name, file)
    // oclif resolves the files of plugins
    const ownRequire = Object.assign((id: string) => this.#require(id), { resolve: require.resolve })
    run(module.exports, ownRequire, module, file, this.dist)
    return module.exports
  }

  /** Keeps the compiled code for the next run. After this one, so that the functions it needed are in it. */
  keep(): void {
    for (const keeper of this.#keepers.splice(0)) keeper()
  }

  #compile(name: string, filename: string): Wrapper {
    const fd = openSync(filename, 'r')
    const stamp = stampOf(fd)
    const source = readFileSync(fd, 'latin1')
    closeSync(fd)
    const key = this.key && { ...this.key, purpose: `${this.key.purpose}-${name}` }
    const cachedData = key && readCache(key, stamp)
    const wrapped = `(function (exports, require, module, __filename, __dirname) {${source}\n})`
    const importModuleDynamically = constants?.USE_MAIN_CONTEXT_DEFAULT_LOADER
    const script = new Script(wrapped, { filename, cachedData, importModuleDynamically })
    if (key && (!cachedData || script.cachedDataRejected)) {
      this.#keepers.push(() => writeCache(key, stamp, script.createCachedData()))
    }
    return script.runInThisContext() as Wrapper
  }

  /** The bundles of a process share the launcher's errors, one engine, and what is rarely needed of oclif. */
  #require(id: string): unknown {
    if (id === '@tspod/errors') return errors
    if (id === '@tspod/engine') return this.load('engine')
    if (id === '@tspod/oclif') return this.load('oclif')
    return require(id)
  }
}
