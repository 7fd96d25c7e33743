/**
 * What bin/tspod and the inner processes run first. Small, because it is the only code that no cache speeds up, and
 * in plain old syntax, because a Node that is too old must come as far as saying so.
 */
import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import * as errors from '../../errors'
import { type CacheKey, readCache, stampOf, writeCache } from './code-cache'
import type { Manifest } from './manifest'
import { nodeProblem } from './node-version'

/** A bundle that was loaded. */
export interface Bundle {
  exports: Record<string, unknown>
  /** Keeps the compiled code for the next run, unless it came from there. */
  keep: () => void
}

type Wrapper = (
  exports: object,
  require: (id: string) => unknown,
  module: { exports: Record<string, unknown> },
  file: string,
  folder: string,
) => void

const OWN_FAILURE = 125

function loadBundle(name: string, key: CacheKey | undefined): Bundle {
  const file = join(__dirname, `${name}.js`)
  const fd = openSync(file, 'r')
  const stamp = stampOf(fd)
  const source = readFileSync(fd, 'latin1')
  closeSync(fd)
  const cachedData = key && readCache(key, stamp)
  const script = new Script(`(function (exports, require, module, __filename, __dirname) {${source}\n})`, {
    filename: file,
    cachedData,
  })
  const module: { exports: Record<string, unknown> } = { exports: {} }
  const run = script.runInThisContext() as Wrapper
  run(module.exports, requireFor(), module, file, __dirname)
  const isFresh = !cachedData || script.cachedDataRejected === true
  return {
    exports: module.exports,
    keep: () => {
      // after the run, so that the functions it needed are in it
      if (key && isFresh) writeCache(key, stamp, script.createCachedData())
    },
  }
}

/** Bundles share the launcher's errors, and an inner process may ask for the engine. */
function requireFor(): (id: string) => unknown {
  return (id) => {
    if (id === '@tspod/errors') return errors
    if (id === '@tspod/cli') return load('cli')
    return require(id)
  }
}

/** Loads a bundle without a cache. */
export const load = (name: string): Record<string, unknown> => loadBundle(name, undefined).exports

const readManifest = (): Manifest =>
  JSON.parse(readFileSync(join(__dirname, 'fast.json'), 'utf8')) as Manifest

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
  refuseOldNode()
  restoreCertificates()
  const argv = process.argv.slice(2)
  const manifest = readManifest()
  const { exports, keep } = loadBundle('cli', {
    dist: __dirname,
    build: manifest.build,
    purpose: purposeOf(argv, manifest),
  })
  const main = exports.main as (argv: string[], manifest: Manifest, keep: () => void) => Promise<void>
  main(argv, manifest, keep)
}

/** Runs an inner process. Its bundle calls nothing back: it lives until it ends itself. */
export function inner(name: string): void {
  refuseOldNode()
  restoreCertificates()
  const { keep } = loadBundle(`${name}.main`, { dist: __dirname, build: readManifest().build, purpose: name })
  setTimeout(keep, KEEP_AFTER_MS).unref()
}

/** By then an inner process has come up, and its code is compiled. */
const KEEP_AFTER_MS = 500
