import { describe, expect, it } from 'vitest'
import { shorten } from '../../../src/cli/launch/keep'
import { Modules } from '../../../src/cli/launch/modules'
import { readShort, wrap, writeShort } from '../../../src/cli/launch/short-text'

const bundle = [
  `var require_a = __define("require_a", (exports) => { exports.name = 'a'; exports.twin = () => require_b().name })`,
  `var require_b = __define("require_b", { "src/b.ts"(exports) {`,
  `  exports.name = 'b'`,
  `  exports.a = require_a()`,
  `} })`,
  'exports.load = (name) => (name === "a" ? require_a() : require_b())',
].join('\n')

/** The bundle with the last line that the build adds. */
const marked = (): string => {
  const parts = [...bundle.matchAll(/__define\("(\w+)"[\s\S]*?\n?}\)$/gm)].map((match) => [
    match[1],
    match.index,
    match.index + match[0].length,
  ])
  return wrap(`${bundle}\n//parts:${JSON.stringify(parts)}\n`)
}

interface Bundle {
  load(name: string): { name: string; twin(): string; a: unknown }
}

/** Runs a text as src/cli/launch/bundles.ts does. */
function run(text: string) {
  let wholes = 0
  const evaluate = (source: string, modules: Pick<Modules, 'define' | 'later'>) => {
    const exports = {} as Bundle
    // biome-ignore lint/security/noGlobalEval: what the loader does by node:vm
    const start = (0, eval)(source) as (...handed: unknown[]) => void
    start(exports, undefined, { exports }, '', '', modules.define, modules.later)
    return exports
  }
  const modules: Modules = new Modules((define) => {
    wholes += 1
    evaluate(marked(), { define, later: modules.later })
  })
  return { exports: evaluate(text, modules), modules, wholes: () => wholes }
}

describe('a shortened bundle', () => {
  it('has the modules that are wanted, on the lines that they had', () => {
    const short = shorten(marked(), (name) => name === 'require_a')
    expect(short).toContain("exports.name = 'a'")
    expect(short).not.toContain("exports.name = 'b'")
    expect(short).not.toContain('//parts')
    expect(short.split('\n').findIndex((line) => line.startsWith('exports.load'))).toBe(
      marked()
        .split('\n')
        .findIndex((line) => line.startsWith('exports.load')),
    )
  })

  it('runs them without the whole', () => {
    const { exports, wholes, modules } = run(shorten(marked(), (name) => name === 'require_a'))
    expect(exports.load('a').name).toBe('a')
    expect(wholes()).toBe(0)
    expect(modules.missed).toBe(false)
    expect([...modules.ran.keys()]).toEqual(['require_a'])
  })

  it('takes others from the whole, once, and each module stays the only one of its kind', () => {
    const { exports, wholes, modules } = run(shorten(marked(), (name) => name === 'require_a'))
    const a = exports.load('a')
    expect(a.twin()).toBe('b')
    expect(exports.load('b').a).toBe(a)
    expect(wholes()).toBe(1)
    expect(modules.missed).toBe(true)
    expect([...modules.ran.keys()]).toEqual(['require_a', 'require_b'])
  })

  it('can run all that it has ahead of use, and nothing else', () => {
    const { modules, wholes } = run(shorten(marked(), (name) => name === 'require_a'))
    modules.runAll()
    expect([...modules.ran.keys()]).toEqual(['require_a'])
    expect(wholes()).toBe(0)
  })

  it('may lack all of them', () => {
    const { exports, wholes } = run(shorten(marked(), () => false))
    expect(exports.load('b').name).toBe('b')
    expect(exports.load('a').twin()).toBe('b')
    expect(wholes()).toBe(1)
  })
})

describe('what is kept of a run', () => {
  it('is given back as it was, with its code and without', () => {
    const text = 'text \u00e9'
    expect(readShort(writeShort({ text, code: undefined }))).toEqual({ text, code: undefined })
    expect(readShort(writeShort({ text, code: Buffer.from('code') }))).toEqual({
      text,
      code: Buffer.from('code'),
    })
  })
})
