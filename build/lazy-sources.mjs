import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { transform } from 'esbuild'
import { makeRequiresLazy } from './lazy-requires.mjs'

const HELPERS = 'tspod:helpers'
const IMPORT = /^var (import_\w+) = ((?:__toESM\()?require\("[^"]+"\)\)?);$/gm
/** Packages in ESM, of which esbuild drops what is not used, if it sees the import. */
const ESM_PACKAGE = /^import .* from 'valibot'/m
const SIDE_EFFECT = /^import '/m

/** esbuild's helpers for CommonJS, once for all modules instead of in each; not as ESM, of which each would get a copy. */
const helpers = `
// by prototype: copying would call the getters of node:fs, which load promises, streams and readline
exports.__toESM = (module) => module && module.__esModule ? module : Object.setPrototypeOf({ default: module }, module)
exports.__export = (target, all) => {
  Object.defineProperty(target, '__esModule', { value: true })
  for (const name in all) Object.defineProperty(target, name, { get: all[name], enumerable: true })
}
exports.__reExport = (target, from) => {
  for (const name of Object.keys(from)) {
    if (name !== 'default' && !(name in target)) Object.defineProperty(target, name, { get: () => from[name], enumerable: true })
  }
}
`

const EXPORTS = /^__export\(module\.exports, \{\n([\s\S]*?)\n\}\);$/m
const OWN_EXPORT = /^ {2}(\w+): \(\) => ((?!import_)\w+),?$/

/**
 * What a module makes itself becomes a plain property of its exports, set at its end: V8 makes a getter for each otherwise,
 * and calls it at every use. What it hands on stays a getter, so that the other module is loaded only when that is used.
 */
function withPlainExports(text) {
  const isVariable = (name) => new RegExp(`^(let|var) ${name}\\b`, 'm').test(text)
  if (text.includes('__reExport(')) return text
  const plain = []
  const rest = text.replace(EXPORTS, (_, body) => {
    const getters = body.split('\n').filter((line) => {
      const [, name, local] = OWN_EXPORT.exec(line) ?? []
      if (!name || isVariable(local)) return true
      plain.push(`${name}: ${local}`)
      return false
    })
    return getters.length > 0
      ? `__export(module.exports, {\n${getters.join('\n')}\n});`
      : `Object.defineProperty(module.exports, '__esModule', { value: true });`
  })
  return plain.length > 0 ? `${rest}\nObject.assign(module.exports, { ${plain.join(', ')} });\n` : rest
}

/**
 * Each source becomes a CommonJS module of its own that loads another when it first needs it. Bundled as ESM, all
 * functions would stand side by side at the top, and V8 would make each of them at every start.
 */
function toLazyModule(code, path) {
  const [declaration, name] = /^var (\w+_exports) = \{\};\n/m.exec(code) ?? []
  if (!declaration) throw new Error(`${path} exports nothing`)
  const text = code
    .slice(code.indexOf(declaration) + declaration.length)
    .replace(`module.exports = __toCommonJS(${name});\n`, '')
    .replace(/__reExport\((\w+), (.*), module\.exports\);/g, '__reExport($1, $2);')
    .replaceAll(new RegExp(`\\b${name}\\b`, 'g'), 'module.exports')
    .replace(/\/\/ Annotate the CommonJS export names[\s\S]*$/, '')
  if (
    /\b__(?!toESM|export|reExport|esModule|dirname|filename|proto__)\w+\(/.test(
      text.replace(/["'`].*?["'`]/g, ''),
    )
  ) {
    throw new Error(`${path} needs a helper of esbuild's that build/lazy-sources.mjs lacks`)
  }
  const plain = withPlainExports(text)
  const used = ['__toESM', '__export', '__reExport'].filter((name) => plain.includes(`${name}(`))
  const lazy = makeRequiresLazy(plain, IMPORT, () => true)
  return used.length > 0 ? `const { ${used.join(', ')} } = require('${HELPERS}');\n${lazy}` : lazy
}

export const lazySources = {
  name: 'lazy-sources',
  setup(build) {
    const folders = ['src', 'commands', 'plugins'].map((name) => `${resolve(name)}/`)
    const entries = Object.values(build.initialOptions.entryPoints ?? []).map((path) => resolve(path))
    build.onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      if (!folders.some((folder) => path.startsWith(folder)) || entries.includes(path)) return undefined
      const source = await readFile(path, 'utf8')
      if (ESM_PACKAGE.test(source) || SIDE_EFFECT.test(source)) return undefined
      const { code } = await transform(source, {
        sourcefile: relative(process.cwd(), path),
        loader: 'ts',
        format: 'cjs',
        platform: 'node',
        target: 'node20',
      })
      return { contents: toLazyModule(code, path), loader: 'js' }
    })
    build.onResolve({ filter: /^tspod:helpers$/ }, ({ path }) => ({ path, namespace: 'helpers' }))
    build.onLoad({ filter: /.*/, namespace: 'helpers' }, () => ({ contents: helpers }))
  },
}
