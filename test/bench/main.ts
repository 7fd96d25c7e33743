import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../integration/harness/rootfs'
import { baseArchive, manyFilesArchive } from './images'
import { measureGrowth, measureMemory } from './memory'
import { machine, table } from './report'
import { compare, type Result } from './row'
import { rows, userRows } from './rows'
import { type Account, IMAGE, Subject } from './subject'

interface Bench {
  repository: string
  /** Scratch folder, removed afterwards. */
  folder: string
  /** Rows whose names contain one of these; all where empty. */
  rows: string[]
}

/** The account named by BENCH_USER; it needs subordinate ids. */
function ordinaryUser(): Account | undefined {
  const wanted = process.env.BENCH_USER
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${wanted}:`))
  if (!wanted || !line) return undefined
  const [name, , uid, gid, , home] = line.split(':')
  return { name: name!, uid: Number(uid), gid: Number(gid), home: home! }
}

function openSubjects(bench: Bench, archive: string, account?: Account): Subject[] {
  const podman = findProgram('podman')
  const subjects = podman ? [new Subject('podman', podman, bench.folder, account)] : []
  subjects.push(new Subject('tspod', join(bench.repository, 'bin/tspod'), bench.folder, account))
  for (const subject of subjects) subject.ok('import', '-c', 'CMD ["sh"]', archive, IMAGE)
  return subjects
}

const failed = (name: string, error: unknown): Result => ({
  name,
  unit: '',
  tspod: Number.NaN,
  limit: Number.NaN,
  holds: false,
  note: `FAILED: ${error instanceof Error ? error.message.split('\n').slice(0, 2).join(' ') : error}`,
})

async function measure(bench: Bench, say: (result: Result) => void) {
  const wanted = (name: string) => bench.rows.length === 0 || bench.rows.some((word) => name.includes(word))
  const archive = baseArchive(bench.folder, join(bench.repository, 'test/fixtures'))
  const subjects = openSubjects(bench, archive)
  const tspod = subjects.find((subject) => subject.name === 'tspod')!
  const attempt = async (name: string, work: () => Promise<Result | Result[]> | Result | Result[]) => {
    if (!wanted(name)) return
    try {
      for (const result of [await work()].flat()) say(result)
    } catch (error) {
      say(failed(name, error))
    }
  }
  const many = wanted('load, 150 MB in 3,000 files') ? manyFilesArchive(bench.folder) : ''
  for (const row of rows(many)) await attempt(row.name, () => compare(row, subjects))
  await attempt('ps -a, 2,000 containers', () => measureGrowth(tspod))
  await attempt('private memory of a monitor', () => measureMemory(tspod))

  const account = ordinaryUser()
  if (!account) return console.log('no rows as an ordinary user: name one with subordinate ids by BENCH_USER')
  const own = openSubjects(bench, archive, account)
  for (const row of userRows()) await attempt(row.name, () => compare(row, own))
}

/** Compares tspod with Podman where it is installed; prints a table and writes `bench.json`. */
export async function bench(bench: Bench): Promise<number> {
  if (process.getuid?.() !== 0) {
    console.error('the benchmark needs root')
    return 1
  }
  // an ordinary user's stores lie in it too
  chmodSync(bench.folder, 0o755)
  mkdirSync(bench.folder, { recursive: true })
  const podman = findProgram('podman')
  const version = podman && execFileSync(podman, ['--version'], { encoding: 'utf8' }).trim()
  console.log(version ?? "podman is missing: tspod's figures alone, and no limit can be judged")
  const results: Result[] = []
  await measure(bench, (result) => {
    results.push(result)
    console.error(`${result.name}: ${result.note ?? result.ratio?.toFixed(2) ?? result.tspod.toFixed(2)}`)
  })
  const output = process.env.BENCH_OUTPUT ?? join(bench.repository, 'bench.json')
  writeFileSync(output, `${JSON.stringify({ machine: machine(version), results }, null, 2)}\n`)
  console.log(['', ...table(results), '', `written to ${output}`].join('\n'))
  return results.some((result) => result.holds === false) ? 1 : 0
}
