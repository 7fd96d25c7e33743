import { beforeEach, expect, test } from 'vitest'
import type { Outcome } from './harness/command'
import { namespaceOf } from './harness/namespaces'
import { IMAGE, useStore } from './harness/store'

const store = useStore()
const lines = async (...args: string[]) => (await store.ok(...args)).split('\n').filter(Boolean)
const failed = (outcomes: Outcome[]) => outcomes.filter((outcome) => outcome.exitCode !== 0)

beforeEach(() => store.clear())

/** Does `count` pieces of work, `width` of them at a time. */
async function many<T>(count: number, width: number, work: (index: number) => Promise<T>): Promise<T[]> {
  const results: T[] = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next++
      results[index] = await work(index)
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return results
}

test('200 commands at once on one pod lose nothing', { timeout: 120_000 }, async () => {
  await store.ok('pod', 'create', '--name', 'crowded')
  await store.ok('run', '--detach', '--pod', 'crowded', '--name', 'witness', IMAGE, 'sleep', '1000')
  const commands = (index: number): string[] => {
    const kinds = [
      ['create', '--pod', 'crowded', '--name', `made-${index}`, '--label', `index=${index}`, IMAGE, 'true'],
      ['exec', 'witness', 'sh', '-c', `echo ${index} >/tmp/exec-${index}`],
      ['pod', 'inspect', 'crowded'],
      ['ps', '--all', '--pod'],
    ]
    return kinds[index % kinds.length]!
  }
  const outcomes = await many(200, 200, (index) => store.run(commands(index), { timeout: 100_000 }))
  expect(failed(outcomes)).toEqual([])
  type Row = { Names: string[]; Labels: Record<string, string> }
  const rows: Row[] = JSON.parse(await store.ok('ps', '--all', '--filter', 'name=made', '--format', 'json'))
  const wanted = Array.from({ length: 50 }, (_, index) => `made-${index * 4} ${index * 4}`)
  expect(rows.map((row) => `${row.Names[0]} ${row.Labels.index}`).sort()).toEqual(wanted.sort())
  expect((await store.ok('exec', 'witness', 'sh', '-c', 'ls /tmp | wc -l')).trim()).toBe('50')
  expect(await store.ok('pod', 'ps', '--format', '{{.NumberOfContainers}}')).toBe('52')
})

test('20 pods at once', { timeout: 120_000 }, async () => {
  const outcomes = await many(20, 20, async (index) => {
    const pod = await store.run(['pod', 'create', '--name', `pod-${index}`])
    if (pod.exitCode !== 0) return pod
    return store.run([
      'run',
      '--detach',
      '--pod',
      `pod-${index}`,
      '--name',
      `in-${index}`,
      IMAGE,
      'sleep',
      '1000',
    ])
  })
  expect(failed(outcomes)).toEqual([])
  expect(await lines('pod', 'ps', '--filter', 'status=running', '--quiet')).toHaveLength(20)
  const nets = await many(20, 4, async (index) => namespaceOf(await store.pid(`in-${index}`), 'net'))
  expect(new Set(nets).size).toBe(20)
  const template = '{{if .NetworkSettings.IPAddress}}{{.NetworkSettings.IPAddress}}{{end}}'
  const infras = await lines('ps', '--filter', 'name=infra', '--quiet')
  const addresses = await many(infras.length, 4, (index) => store.inspect(infras[index]!, template))
  expect(new Set(addresses).size).toBe(20)
  expect(addresses).not.toContain('')
  const stopped = await many(20, 20, (index) =>
    store.run(['pod', 'rm', '--force', '--time', '0', `pod-${index}`]),
  )
  expect(failed(stopped)).toEqual([])
})

test('30 containers in one pod', { timeout: 120_000 }, async () => {
  await store.ok('pod', 'create', '--name', 'big')
  const outcomes = await many(30, 10, (index) =>
    store.run(['run', '--detach', '--pod', 'big', '--name', `member-${index}`, IMAGE, 'sleep', '1000']),
  )
  expect(failed(outcomes)).toEqual([])
  expect(await store.ok('pod', 'ps', '--format', '{{.Status}} {{.NumberOfContainers}}')).toBe('Running 31')
  const pids = await many(30, 4, (index) => store.pid(`member-${index}`))
  expect(new Set(pids).size).toBe(30)
  expect(new Set(pids.map((pid) => namespaceOf(pid, 'net'))).size).toBe(1)
  expect(new Set(pids.map((pid) => namespaceOf(pid, 'mnt'))).size).toBe(30)
  await store.ok('pod', 'stop', '--time', '0', 'big')
  expect(await store.ok('ps', '--quiet')).toBe('')
})

test('one name goes to one of 20 that want it', async () => {
  const outcomes = await many(20, 20, () => store.run(['create', '--name', 'wanted', IMAGE, 'true']))
  expect(outcomes.filter((outcome) => outcome.exitCode === 0)).toHaveLength(1)
  for (const { exitCode, stderr } of failed(outcomes)) {
    expect({ exitCode, stderr }).toEqual({
      exitCode: 125,
      stderr: expect.stringContaining('is already in use'),
    })
  }
  expect(await lines('ps', '--all', '--quiet')).toHaveLength(1)
})

test('eight that are run, come and go', async () => {
  const outcomes = await many(24, 8, (index) => store.run(['run', '--rm', IMAGE, 'echo', `${index}`]))
  expect(outcomes.map((outcome) => outcome.stdout)).toEqual(outcomes.map((_, index) => `${index}`))
  expect(await store.ok('ps', '--all', '--quiet')).toBe('')
})

test('ten that start and ten that stop one container', async () => {
  await store.ok('create', '--name', 'torn', IMAGE, 'sleep', '1000')
  await many(20, 20, (index) => store.run(index % 2 ? ['start', 'torn'] : ['stop', '--time', '0', 'torn']))
  expect(await store.inspect('torn', '{{.State.Status}}')).toMatch(/^(running|exited|created|stopped)$/)
  await store.ok('start', 'torn')
  expect(await store.inspect('torn', '{{.State.Status}}')).toBe('running')
})
