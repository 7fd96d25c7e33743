import { relative, resolve } from 'node:path'
import { engineFolders } from './entries.mjs'

const toSource = (path) => relative(process.cwd(), path)

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

/** Which modules of the engine the inner processes asked for. */
const asked = new Set()

/** `import()` of the engine in an inner process takes it from the command's bundle, when it comes to that. */
export const fromCommandBundle = {
  name: 'from-command-bundle',
  setup(build) {
    build.onResolve({ filter: /^\./ }, async (given) => {
      if (given.kind !== 'dynamic-import') return undefined
      const found = await resolved(build, given)
      const source = found && toSource(found.path)
      if (!source || !engineFolders.some((folder) => source.startsWith(folder))) return undefined
      asked.add(source)
      return { path: source, namespace: 'engine' }
    })
    build.onLoad({ filter: /.*/, namespace: 'engine' }, ({ path }) => ({
      contents: `module.exports = require('@tspod/cli').engine(${JSON.stringify(path)})`,
    }))
    build.onResolve({ filter: /^@tspod\/cli$/ }, ({ path }) => ({ path, external: true }))
  },
}

/** The module `tspod:engine` of the command's bundle gives them out. It is built after those processes. */
export const engineModules = {
  name: 'engine-modules',
  setup(build) {
    build.onResolve({ filter: /^tspod:engine$/ }, ({ path }) => ({ path, namespace: 'engine-modules' }))
    build.onLoad({ filter: /.*/, namespace: 'engine-modules' }, () => ({
      contents: `const modules = {\n${[...asked]
        .sort()
        .map((source) => `${JSON.stringify(source)}: () => require(${JSON.stringify(resolve(source))}),`)
        .join('\n')}\n}\nexport const engine = (source) => modules[source]()`,
      resolveDir: process.cwd(),
    }))
  },
}
