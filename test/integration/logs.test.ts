import { readFileSync } from 'node:fs'
import { execa } from 'execa'
import { beforeAll, expect, test } from 'vitest'
import { BINARY } from './harness/command'
import { IMAGE, useStore } from './harness/store'
import { eventually, sleep } from './harness/wait'

const store = useStore()
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}([+-]\d\d:\d\d|Z) /

beforeAll(async () => {
  await store.ok('run', '--name', 'counted', IMAGE, 'seq', '1', '10')
  await store.ok('run', '--name', 'spoken', IMAGE, 'sh', '-c', 'echo out; echo err >&2; printf unended')
})

test('logs shows all lines on their own streams', async () => {
  expect(await store.run(['logs', 'spoken'])).toEqual({ exitCode: 0, stdout: 'out\nunended', stderr: 'err' })
})

test('--tail shows the last lines', async () => {
  expect(await store.ok('logs', '--tail', '3', 'counted')).toBe('8\n9\n10')
  expect(await store.ok('logs', '--tail', '0', 'counted')).toBe('')
  expect(await store.ok('logs', '--tail', '50', 'counted')).toBe(await store.ok('logs', 'counted'))
})

test('-t puts the time before each line', async () => {
  const lines = (await store.ok('logs', '-t', 'counted')).split('\n')
  expect(lines).toHaveLength(10)
  for (const line of lines) expect(line).toMatch(STAMP)
  const ages = lines.map((line) => Date.now() - Date.parse(line.split(' ')[0]!))
  expect(Math.max(...ages)).toBeLessThan(300_000)
})

test('--since and --until choose by time', async () => {
  await store.ok('run', '--name', 'timed', IMAGE, 'sh', '-c', 'echo early; sleep 1.2; echo late')
  const times = (await store.ok('logs', '-t', 'timed')).split('\n').map((line) => line.split(' ')[0]!)
  const middle = new Date((Date.parse(times[0]!) + Date.parse(times[1]!)) / 2).toISOString()
  expect(await store.ok('logs', '--since', middle, 'timed')).toBe('late')
  expect(await store.ok('logs', '--until', middle, 'timed')).toBe('early')
  expect(await store.ok('logs', '--since', '10m', 'timed')).toBe('early\nlate')
})

test('-f goes on until the container ends', async () => {
  const script = 'for n in 1 2 3; do echo $n; sleep 0.3; done'
  await store.ok('run', '--detach', '--name', 'followed', IMAGE, 'sh', '-c', script)
  expect(await store.ok('logs', '-f', 'followed')).toBe('1\n2\n3')
})

test('-f ends with ctrl-C and leaves the container alone', async () => {
  await store.ok('run', '--detach', '--name', 'endless', IMAGE, 'sh', '-c', 'echo first; sleep 1000')
  const child = execa(BINARY, [...store.options, 'logs', '-f', 'endless'], { reject: false })
  await sleep(700)
  child.kill('SIGINT')
  const { stdout } = await child
  expect(stdout).toBe('first')
  expect(await store.inspect('endless', '{{.State.Running}}')).toBe('true')
})

test('several containers are told apart by name', async () => {
  const { stdout } = await store.run(['logs', '--names', 'counted', 'spoken'])
  expect(stdout.split('\n')).toContain('counted 10')
  expect(stdout.split('\n')).toContain('spoken out')
})

test('--color colours each line', async () => {
  const { stdout } = await store.run(['logs', '--color', '--names', 'counted'])
  expect(stdout).toContain('\u001b[')
})

test("a pod's logs are those of its containers", async () => {
  await store.ok('pod', 'create', '--name', 'choir')
  await store.ok('run', '--pod', 'choir', '--name', 'alto', IMAGE, 'echo', 'la')
  await store.ok('run', '--pod', 'choir', '--name', 'bass', IMAGE, 'echo', 'bom')
  const { stdout } = await store.run(['pod', 'logs', '--names', 'choir'])
  expect(stdout.split('\n').filter(Boolean).sort()).toEqual(['alto la', 'bass bom'])
  expect(await store.ok('pod', 'logs', '--container', 'bass', 'choir')).toMatch(/bom$/)
})

test('the file is in the k8s-file format', async () => {
  const path = await store.inspect('spoken', '{{.HostConfig.LogConfig.Path}}')
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => line.replace(STAMP, '')).sort()).toEqual([
    'stderr F err',
    'stdout F out',
    'stdout P unended',
  ])
})

test('a line of 100,000 bytes comes whole', async () => {
  await store.run(['run', '--name', 'long', IMAGE, 'sh', '-c', 'head -c 100000 /dev/zero | tr "\\0" x; echo'])
  expect((await store.ok('logs', 'long')).length).toBe(100_000)
})

test('--log-driver none keeps nothing', async () => {
  await store.ok('run', '--log-driver', 'none', '--name', 'silent', IMAGE, 'echo', 'hello')
  expect(await store.fails(125, 'logs', 'silent')).toMatch(
    /this container is using the 'none' log driver, cannot read logs/,
  )
})

test('logs outlive a restart', async () => {
  await store.ok('run', '--name', 'again', IMAGE, 'echo', 'round')
  await store.ok('start', 'again')
  await eventually(async () => (await store.ok('logs', 'again')) === 'round\nround')
})
