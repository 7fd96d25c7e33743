import { readFile } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { makeRequiresLazy } from './lazy-requires.mjs'

const REQUIRE =
  /^(?:const|var) (\w+) = ((?:__importDefault|__importStar)\(require\(["'][^"']+["']\)\)|require\(["'][^"']+["']\));$/gm
const IMPORTED = /_\d+$|^(Errors|Parser|ansiEscapes|wordwrap|getPackageType)$/
const STDOUT_LISTENER = /^process\.stdout\.on\('error',[\s\S]*?^\}\);$/m

const makeLazy = (source) =>
  `"use strict";\n${makeRequiresLazy(source, REQUIRE, (name) => IMPORTED.test(name))}`

/** Its first use would load Node's streams and net on a pipe or a terminal; tspod writes without it. */
function withoutStdoutListener(source) {
  if (!STDOUT_LISTENER.test(source))
    throw new Error('the listener on process.stdout is gone from oclif: look again')
  return source.replace(STDOUT_LISTENER, '')
}

/** Each module of oclif's loads another when it first needs it; stock, a command evaluates 59 of them. */
export const lazyOclif = {
  name: 'lazy-oclif',
  setup(build) {
    build.onLoad({ filter: /@oclif\/core\/lib\/.*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const isCommand = path.endsWith('/lib/command.js')
      return { contents: makeLazy(isCommand ? withoutStdoutListener(source) : source), loader: 'js' }
    })
    // a command asks it for no more, and V8 takes half a millisecond to build the whole
    build.onLoad({ filter: /@oclif\/core\/package\.json$/ }, async ({ path }) => {
      const { name, version } = JSON.parse(await readFile(path, 'utf8'))
      return { contents: JSON.stringify({ name, version }), loader: 'json' }
    })
  },
}

const OCLIF = /@oclif\/core\/lib\//
/** What a command comes to that parses and runs. */
const EACH_TIME =
  /\/lib\/(command|cache|logger|flags|parser\/(index|parse|validate)|util\/(aggregate-flags|ids|util))\.js$/

/** Which modules the commands' bundle asks for. */
const asked = new Set()

/** Keeps the rest of oclif (Config, Help, errors, …) out of a bundle, to be read from oclif.js when it is needed. */
export const oclifApart = {
  name: 'oclif-apart',
  setup(build) {
    build.onResolve({ filter: /^\.|^@oclif\/core|^debug$/ }, async ({ path, pluginData, ...rest }) => {
      if (pluginData === 'seen' || !(OCLIF.test(rest.importer) || path.startsWith('@oclif/')))
        return undefined
      const { kind, importer, resolveDir, namespace } = rest
      const found = await build.resolve(path, { kind, importer, resolveDir, namespace, pluginData: 'seen' })
      if (!found.path.endsWith('.js') || EACH_TIME.test(found.path)) return undefined
      const source = relative(process.cwd(), found.path)
      asked.add(source)
      return { path: source, namespace: 'oclif' }
    })
    build.onLoad({ filter: /.*/, namespace: 'oclif' }, ({ path }) => ({
      contents: `module.exports = require('@tspod/oclif').oclif(${JSON.stringify(path)})`,
    }))
    build.onResolve({ filter: /^@tspod\/oclif$/ }, ({ path }) => ({ path, external: true }))
  },
}

/** The entry of oclif's bundle, which is built after the others: it gives out what they asked for. */
export const oclifEntry = () => ({
  contents: `const modules = {\n${[...asked]
    .sort()
    .map((source) => `${JSON.stringify(source)}: () => require(${JSON.stringify(resolve(source))}),`)
    .join('\n')}\n}\nexports.oclif = (source) => modules[source]()`,
  resolveDir: process.cwd(),
})
