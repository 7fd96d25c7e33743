// npm run bench [-- ROW...]: bundles the benchmark, which is TypeScript, and runs it.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const here = (path) => fileURLToPath(new URL(path, import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tspod-bench-'))
const bundle = join(folder, 'bench.mjs')
try {
  await build({
    entryPoints: [here('main.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile: bundle,
  })
  const { bench } = await import(pathToFileURL(bundle).href)
  process.exitCode = await bench({ repository: here('../..'), folder, rows: process.argv.slice(2) })
} finally {
  rmSync(folder, { recursive: true, force: true })
}
