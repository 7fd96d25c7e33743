/**
 * What bin/tspod and the inner processes run first. Small, because it is the only code that no cache speeds up, and
 * in the syntax of Node 14, because a Node that is too old must come as far as saying so.
 */
import { Bundles } from './bundles'
import type { Manifest } from './manifest'
import { nodeProblem } from './node-version'

const OWN_FAILURE = 125
const PACKAGE = __dirname.slice(0, -'/dist'.length)

/** Loads a bundle without a cache. */
export const load = (name: string): Record<string, unknown> => new Bundles(__dirname).load(name)

/** The build writes its text here: a file would be another one to open. */
const readManifest = (): Manifest => JSON.parse(process.env.TSPOD_MANIFEST ?? '') as Manifest

/** bin/tspod keeps it from Node's start, which would read the file each time. */
function restoreCertificates(): void {
  const { TSPOD_NODE_EXTRA_CA_CERTS } = process.env
  if (!TSPOD_NODE_EXTRA_CA_CERTS) return
  process.env.NODE_EXTRA_CA_CERTS = TSPOD_NODE_EXTRA_CA_CERTS
  delete process.env.TSPOD_NODE_EXTRA_CA_CERTS
}

function refuseOldNode(): void {
  const problem = nodeProblem(process.versions.node, process.execPath)
  if (!problem) return
  process.stderr.write(`${problem}\n`)
  process.exit(OWN_FAILURE)
}

/** The command's name as far as it can be told without a parser: what one command needs is of no use to another. */
function purposeOf(given: readonly string[], manifest: Manifest): string {
  let start = 0
  // the global flags all take a value
  while (given[start]?.startsWith('--')) start += given[start]?.includes('=') ? 1 : 2
  const argv = given.slice(start)
  for (let count = 3; count > 0; count--) {
    const name = argv.slice(0, count).join(' ')
    if (name in manifest.commands || name in manifest.aliases) {
      return argv[count] === '--help' ? 'help' : (manifest.aliases[name] ?? name)
    }
  }
  return 'other'
}

/** Runs the command of the process's arguments, and ends the process. */
export function cli(): void {
  // bin/tspod asks for it: only Node finds dist/ through links without a further process
  if (process.env.TSPOD_HOLD) {
    inner('rootless')
    return
  }
  refuseOldNode()
  restoreCertificates()
  if (process.env.TSPOD_WAITS) {
    delete process.env.TSPOD_WAITS
    waitForCommand()
    return
  }
  const argv = process.argv.slice(2)
  const manifest = readManifest()
  const key = { dist: __dirname, build: manifest.build, purpose: purposeOf(argv, manifest) }
  const bundles = new Bundles(__dirname, key)
  const main = bundles.load('cli').main as (
    argv: string[],
    manifest: Manifest,
    keep: () => void,
  ) => Promise<void>
  main(argv, manifest, () => bundles.keep())
}

/** Runs the command that a later launcher hands over: all that earlier ones needed is loaded by then. */
function waitForCommand(): void {
  const manifest = readManifest()
  const key = { dist: __dirname, build: manifest.build, purpose: 'spare' }
  const bundles = new Bundles(__dirname, key, ['cli', 'engine'])
  const { awaitCommand, main } = bundles.load('cli') as unknown as typeof import('./main')
  bundles.load('engine')
  bundles.runAll()
  const argv = awaitCommand({ home: PACKAGE, purposeOf: (args) => purposeOf(args, manifest) })
  main(argv, manifest, () => bundles.keep(purposeOf(argv, manifest)))
}

/** By then an inner process has come up, and its code is compiled. */
const KEEP_AFTER_MS = 500

/** Runs an inner process. Its bundle calls nothing back: it lives until it ends itself. */
export function inner(name: string): void {
  refuseOldNode()
  restoreCertificates()
  const key = { dist: __dirname, build: readManifest().build, purpose: name }
  const bundles = new Bundles(__dirname, key, [`${name}.main`, 'engine'])
  const main = bundles.load(`${name}.main`).main as () => void
  main()
  setTimeout(() => bundles.keep(), KEEP_AFTER_MS).unref()
  // the engine may come later
  process.once('exit', () => bundles.keep())
}

// bin/tspod names this file where it finds it, and spares Node the way through itself
if (require.main === module) {
  process.argv[1] = `${PACKAGE}/bin/tspod`
  cli()
}
