import { readFile } from 'node:fs/promises'
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

/** What no command of tspod's comes to: src/cli does it in Podman's way. It stays in oclif's own package. */
const UNUSED = /^\.\.?\/(config|errors|help|parser|ux|flags)(?:\/\w+)?$/

export const lazyOclif = {
  name: 'lazy-oclif',
  setup(build) {
    // what a command's `debug` would load; none of tspod's calls it
    build.onResolve({ filter: /^debug$/ }, ({ importer }) =>
      /@oclif\/core\/lib\//.test(importer) ? { path: 'debug', external: true } : undefined,
    )
    build.onResolve({ filter: UNUSED }, ({ path, importer }) => {
      if (!/@oclif\/core\/lib\//.test(importer)) return undefined
      return { path: `@oclif/core/${UNUSED.exec(path)[1]}`, external: true }
    })
    build.onLoad({ filter: /@oclif\/core\/lib\/.*\.js$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8')
      const isCommand = path.endsWith('/lib/command.js')
      return { contents: makeLazy(isCommand ? withoutStdoutListener(source) : source), loader: 'js' }
    })
  },
}
