import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PODMAN } from './harness/command'
import { IMAGE, useStore } from './harness/store'

const store = useStore()
const EAT = 'const kept = []; for (;;) kept.push(Buffer.alloc(1 << 20, 1))'

/** A file of the container's cgroup, as each controller has it. */
async function cgroupFiles(name: string, file: string): Promise<string> {
  const id = await store.inspect(name, '{{.Id}}')
  const paths = execFileSync('find', ['/sys/fs/cgroup', '-path', `*${id}*`, '-name', file], {
    encoding: 'utf8',
  })
  return paths
    .split('\n')
    .filter(Boolean)
    .map((path) => readFileSync(path, 'utf8'))
    .join('\n')
}

test('--memory kills the one that eats too much, and it alone', async () => {
  await store.ok('run', '--detach', '--name', 'bystander', IMAGE, 'sleep', '1000')
  const eater = [
    'run',
    '--name',
    'eater',
    '--memory',
    '48m',
    '--memory-swap',
    '48m',
    IMAGE,
    'node',
    '-e',
    EAT,
  ]
  expect((await store.run(eater)).exitCode).toBe(137)
  if (!PODMAN) expect(await store.inspect('eater', '{{.State.OOMKilled}}')).toBe('true')
  expect(await store.inspect('bystander', '{{.State.Running}} {{.State.OOMKilled}}')).toBe('true false')
})

test('--pids-limit stops a fork bomb', async () => {
  const bomb = 'n=0; while [ $n -lt 60 ]; do sleep 3 & n=$((n+1)); done; echo bombed'
  const { stdout, stderr } = await store.run(['run', '--rm', '--pids-limit', '20', IMAGE, 'sh', '-c', bomb])
  expect(stdout).not.toContain('bombed')
  expect(stderr).toMatch(/fork/i)
})

test('--cpus throttles', async () => {
  await store.ok('run', '--name', 'slow', '--detach', '--cpus', '0.2', IMAGE, 'sleep', '1000')
  const started = process.hrtime.bigint()
  const burn = 'const end = process.cpuUsage().user + 300000; while (process.cpuUsage().user < end);'
  await store.ok('exec', 'slow', 'node', '-e', burn)
  // 0.3 s of work at a fifth of a processor
  expect(Number(process.hrtime.bigint() - started) / 1e9).toBeGreaterThan(1)
  expect(await cgroupFiles('slow', 'cpu.stat')).toMatch(/nr_throttled [1-9]/)
})

test('an exec counts for the limits of its container', async () => {
  await store.ok(
    'run',
    '--name',
    'small',
    '--detach',
    '--memory',
    '48m',
    '--memory-swap',
    '48m',
    IMAGE,
    'sleep',
    '1000',
  )
  const { exitCode } = await store.run(['exec', 'small', 'node', '-e', EAT])
  expect(exitCode).toBe(137)
  expect(await store.inspect('small', '{{.State.Running}}')).toBe('true')
})

test('limits are in force from the first instruction', async () => {
  const output = await store.ok(
    'run',
    '--rm',
    '--memory',
    '40m',
    '--cgroupns',
    'host',
    IMAGE,
    'cat',
    '/proc/self/cgroup',
  )
  expect(output).toMatch(PODMAN ? /libpod/ : /tspod/)
})

test.for([
  ['--memory', '1k', /memory/i],
  ['--memory', 'much', /much/],
  ['--cpus', 'several', /several/],
  ['--pids-limit', 'x', /x/],
  ['--memory-swap', '10m', /memory/i],
] as const)('%s %s is refused', async ([option, value, message]) => {
  const { exitCode, stderr } = await store.run(['run', '--rm', option, value, IMAGE, 'true'])
  expect({ failed: exitCode >= 125, stderr }).toEqual({
    failed: true,
    stderr: expect.stringMatching(message),
  })
})
