export interface Module {
  exports: Record<string, unknown>
}

type Run = (exports: object, module: Module) => void

/** What runs a module, as esbuild writes it: alone, or under the name of its file. */
type Factory = Run | Record<string, Run>

type Load = () => Module['exports']
type Define = (name: string, factory: Factory) => Load

/**
 * The modules of one bundle, each run once and at its first use. A shortened bundle holds those that an earlier run
 * needed; the first use of another brings the whole one.
 */
export class Modules {
  /** What has run, by name. */
  readonly ran = new Map<string, Module>()
  #whole: Map<string, Load> | undefined
  readonly #defined: Load[] = []

  /** `runWhole` runs the text of the whole bundle, which calls what it is handed for each of its modules. */
  constructor(private readonly runWhole: (define: Define) => void) {}

  /** Stands in a bundle for a module that is there. */
  readonly define: Define = (name, factory) => {
    let module: Module | undefined
    const load = () => {
      module ??= this.ran.get(name) ?? this.#run(name, factory)
      return module.exports
    }
    this.#defined.push(load)
    return load
  }

  /** Runs all modules that are there. */
  runAll(): void {
    for (const load of this.#defined) load()
  }

  /** Stands in a shortened bundle for a module that is not. */
  readonly later = (name: string): Load => {
    let module: Module | undefined
    return () => {
      module ??= this.ran.get(name) ?? this.#fetch(name)
      return module.exports
    }
  }

  #run(name: string, factory: Factory): Module {
    const module: Module = { exports: {} }
    this.ran.set(name, module)
    try {
      const run = typeof factory === 'function' ? factory : Object.values(factory)[0]
      run?.(module.exports, module)
    } catch (error) {
      this.ran.delete(name)
      throw error
    }
    return module
  }

  #fetch(name: string): Module {
    this.#whole ??= this.#readWhole()
    this.#whole.get(name)?.()
    const module = this.ran.get(name)
    if (!module) throw new Error(`this installation of tspod is damaged: it has no module ${name}`)
    return module
  }

  #readWhole(): Map<string, Load> {
    const whole = new Map<string, Load>()
    this.runWhole((name, factory) => {
      const load = this.define(name, factory)
      whole.set(name, load)
      return load
    })
    return whole
  }

  /** Whether a module was missed. */
  get missed(): boolean {
    return this.#whole !== undefined
  }
}
