import { build as bundle } from 'esbuild'

const PACKAGE = /^(?:@[a-z][\w.-]*\/)?[a-z][\w.-]*$/
const seen = new Set()

const fileOf = (name) => `vendor-${name.replace(/^@/, '').replace('/', '-')}.js`

/** A package behind `import()` is rarely needed: it gets a file of its own, which is read when it is. */
export const lazyPackages = {
  name: 'lazy-packages',
  setup(build) {
    build.onResolve({ filter: PACKAGE }, ({ path, kind }) => {
      if (kind !== 'dynamic-import' || build.initialOptions.external.includes(path)) return undefined
      seen.add(path)
      return { path, namespace: 'lazy-package' }
    })
    build.onLoad({ filter: /.*/, namespace: 'lazy-package' }, ({ path }) => ({
      contents: `module.exports = require(${JSON.stringify(`./${fileOf(path)}`)})`,
    }))
    build.onResolve({ filter: /^\.\/vendor-/ }, ({ path, namespace }) =>
      namespace === 'lazy-package' ? { path, external: true } : undefined,
    )
  },
}

/** Builds those files; the bundles that ask for them come first. */
export const bundleLazyPackages = (common, out) =>
  Promise.all(
    [...seen].map((name) =>
      bundle({
        ...common,
        stdin: { contents: `module.exports = require(${JSON.stringify(name)})`, resolveDir: process.cwd() },
        outfile: `${out}/${fileOf(name)}`,
      }),
    ),
  )
