/**
 * Builds dist/:
 *
 *   launch.js     loads what a command needs of a bundle, compiled, and starts it (src/cli/launch/launch.ts)
 *   keep.js       keeps what a command needed for its next run
 *   cli.js        all commands; each module runs at its first use
 *   engine.js     what the commands call, loaded when they do
 *   oclif.js      what most commands need not of oclif: Config, Help, errors
 *   NAME.js       the inner processes of entries.mjs, each with its bundle NAME.main.js
 *   vendor-*.js   packages that are rarely needed (lazy-packages.mjs)
 *   commands.js   the same commands for stock oclif, as package.json names them
 *   fast.json     the names of the commands, as the launcher has them
 *   package.json  says that all this is CommonJS
 *   licenses.txt  the licences of the packages inside the bundles
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { build } from 'esbuild'
import { commandModules, findCommands } from './commands.mjs'
import { engineApart, engineEntry, importedEngineApart, sharedErrors } from './engine-bundle.mjs'
import { entries } from './entries.mjs'
import { lazyOclif, oclifApart, oclifEntry } from './lazy-oclif.mjs'
import { bundleLazyPackages, lazyPackages } from './lazy-packages.mjs'
import { lazySources } from './lazy-sources.mjs'
import { writeLicenses } from './licenses.mjs'
import { writeManifest } from './manifest.mjs'
import { markParts } from './parts.mjs'

/** Everything is made beside dist/ and then put in its place, so that two builds at once don't mix. */
const out = mkdtempSync('dist-')
const now = Math.floor(Date.now() / 1000)

const common = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  // readable names and lines, for the stack that a bug shows
  minifySyntax: true,
  minifyWhitespace: true,
  lineLimit: 160,
  // V8 reads a one-byte source fastest, and the launcher reads it as latin1
  charset: 'ascii',
  legalComments: 'none',
  external: ['koffi', '@koromix/*', 'ts-node', 'typescript'],
  // proper-lockfile is handed node:fs, but loads its wrapper first, which takes 5 ms
  alias: { 'graceful-fs': 'node:fs', 'signal-exit': './build/signal-exit.cjs' },
  metafile: true,
  logLevel: 'warning',
}

/** Twice: what the commands are called is asked of the bundles, through the first one. */
const launcher = (manifest = '') =>
  build({
    ...common,
    entryPoints: ['src/cli/launch/launch.ts', 'src/cli/launch/keep.ts'],
    outdir: out,
    external: ['./keep.js'],
    define: { 'process.env.TSPOD_MANIFEST': JSON.stringify(manifest) },
    // for the private parts of classes as they are: a Node that is older may say so in its own words
    target: 'node14.6',
  })

const commandBundle = (commands) =>
  build({
    ...common,
    entryPoints: ['src/cli/launch/main.ts'],
    outfile: `${out}/cli.js`,
    define: { 'process.env.TSPOD_BUILT': JSON.stringify(process.env.SOURCE_DATE_EPOCH ?? String(now)) },
    plugins: [
      commandModules(commands),
      sharedErrors,
      engineApart,
      lazyPackages,
      oclifApart,
      lazyOclif,
      lazySources,
    ],
  })

function innerBundle({ name, source }) {
  writeFileSync(`${out}/${name}.js`, `require('./launch.js').inner('${name}')\n`)
  return build({
    ...common,
    entryPoints: [source],
    outfile: `${out}/${name}.main.js`,
    plugins: [sharedErrors, importedEngineApart, lazyPackages, lazySources],
  })
}

const engineBundle = () =>
  build({
    ...common,
    stdin: engineEntry(),
    outfile: `${out}/engine.js`,
    plugins: [sharedErrors, lazyPackages, lazySources],
  })

const oclifBundle = () =>
  build({ ...common, stdin: oclifEntry(), outfile: `${out}/oclif.js`, plugins: [lazyOclif] })

/** The launcher reads bundles as latin1, so nothing may lie above it. */
function checkLatin1(file) {
  const text = readFileSync(file, 'utf8')
  if (/[\u0100-\uffff]/.test(text)) throw new Error(`${file} has characters above U+00FF`)
  writeFileSync(file, text, 'latin1')
}

function finish(bundle) {
  checkLatin1(bundle)
  markParts(bundle)
}

async function buildAll() {
  const inner = entries.filter(({ source }) => existsSync(source))
  const results = await Promise.all([launcher(), commandBundle(findCommands()), ...inner.map(innerBundle)])
  results.push(await engineBundle(), await oclifBundle())
  results.push(...(await bundleLazyPackages(common, out)))
  for (const name of ['cli', 'engine', 'oclif', ...inner.map(({ name }) => `${name}.main`)])
    finish(`${out}/${name}.js`)
  writeLicenses(
    results.map(({ metafile }) => metafile),
    out,
  )
  await launcher(writeManifest(out))
  // Node looks for one at each start, and would read the package's own
  writeFileSync(`${out}/package.json`, '{"type":"commonjs"}\n')
  writeFileSync(`${out}/commands.js`, "module.exports = require('./launch.js').load('cli').stockModule()\n")
}

try {
  await buildAll()
  rmSync('dist', { recursive: true, force: true })
  chmodSync(out, 0o755)
  renameSync(out, 'dist')
} finally {
  rmSync(out, { recursive: true, force: true })
}
