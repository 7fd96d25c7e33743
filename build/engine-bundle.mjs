import { relative, resolve } from 'node:path'
import { engineFolders } from './entries.mjs'

const CLI_FOLDERS = ['src/cli/', 'commands/', 'plugins/']
const ENGINE = '@tspod/engine'

/** Which modules of the engine the other bundles ask for. */
const asked = new Set()

const toSource = (path) => relative(process.cwd(), path)
const startsWithAny = (source, folders) => folders.some((folder) => source.startsWith(folder))

async function resolved(build, { path, ...rest }) {
  if (rest.pluginData === 'seen') return undefined
  const { kind, importer, resolveDir, namespace } = rest
  return build.resolve(path, { kind, importer, resolveDir, namespace, pluginData: 'seen' })
}

/** One TspodError for all bundles of a process: the launcher's. */
export const sharedErrors = {
  name: 'shared-errors',
  setup(build) {
    const errors = resolve('src/errors.ts')
    build.onResolve({ filter: /(^|\/)errors$/ }, async (given) => {
      const found = await resolved(build, given)
      return found?.path === errors ? { path: '@tspod/errors', external: true } : undefined
    })
  },
}

/**
 * Keeps the engine out of a bundle, to be read when a module of it is first used. A command has it outside the
 * folders of the command line; an inner process has most of it inside, but for what it loads by `import()`.
 */
const withoutEngine = (name, isApart) => ({
  name,
  setup(build) {
    build.onResolve({ filter: /^\./ }, async (given) => {
      if (given.kind === 'entry-point' || given.namespace === 'engine') return undefined
      const found = await resolved(build, given)
      const source = found && !found.external && found.path ? toSource(found.path) : ''
      if (!source.endsWith('.ts') || !isApart(source, given)) return undefined
      asked.add(source)
      return { path: source, namespace: 'engine' }
    })
    build.onLoad({ filter: /.*/, namespace: 'engine' }, ({ path }) => ({
      contents: `module.exports = require('${ENGINE}').engine(${JSON.stringify(path)})`,
    }))
    build.onResolve({ filter: /^@tspod\/engine$/ }, ({ path }) => ({ path, external: true }))
  },
})

export const engineApart = withoutEngine(
  'engine-apart',
  (source) => source.startsWith('src/') && !startsWithAny(source, CLI_FOLDERS),
)

export const importedEngineApart = withoutEngine(
  'imported-engine-apart',
  (source, { kind }) => kind === 'dynamic-import' && startsWithAny(source, engineFolders),
)

/** The entry of the engine's bundle, which is built last: it gives out what the others asked for. */
export const engineEntry = () => ({
  contents: `const modules = {\n${[...asked]
    .sort()
    .map((source) => `${JSON.stringify(source)}: () => require(${JSON.stringify(resolve(source))}),`)
    .join('\n')}\n}\nexports.engine = (source) => modules[source]()`,
  resolveDir: process.cwd(),
})
