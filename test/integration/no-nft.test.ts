import { afterAll, beforeAll, expect, test } from 'vitest'
import { BareHost } from './harness/bare-host'
import { PODMAN } from './harness/command'
import { askUdp, fetchText, freePort } from './harness/http'
import { needTspod } from './harness/need'
import { HTTPD, IMAGE, useStore } from './harness/store'
import { eventually } from './harness/wait'

const store = useStore()
const NEEDS_THEM = 'needs those programs'
let host: BareHost

beforeAll(async () => {
  host = await BareHost.open(store)
})

afterAll(async () => {
  if (!PODMAN) await host.run('rm', '--force', '--all', '--time', '0')
  host.close()
})

test('without nft a port is relayed, and a warning says what is lost', async (context) => {
  needTspod(context, NEEDS_THEM)
  const port = await freePort()
  const { exitCode, stderr } = await host.run(
    'run',
    '--detach',
    '--name',
    'relayed',
    '-p',
    `${port}:80`,
    HTTPD,
  )
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: expect.stringMatching(/nft/) })
  expect(await eventually(() => fetchText('127.0.0.1', port))).toMatch(/\S/)
  expect(await eventually(() => fetchText('::1', port))).toMatch(/\S/)
  expect(await fetchText('127.0.0.1', port, '/bytes/3000000')).toHaveLength(3_000_000)
  await host.run('stop', '--time', '0', 'relayed')
  await expect(fetchText('127.0.0.1', port)).rejects.toThrow(/ECONNREFUSED/)
})

test('UDP is relayed too', async (context) => {
  needTspod(context, NEEDS_THEM)
  const port = await freePort()
  await host.run('run', '--detach', '-p', `${port}:5353/udp`, IMAGE, 'node', '/srv/udp-echo.js', '5353')
  await eventually(async () => (await askUdp('127.0.0.1', port, 'ping')) === 'ping')
})

test('a whole pod lives without optional programs', async (context) => {
  needTspod(context, NEEDS_THEM)
  const run = async (...args: string[]) => {
    const outcome = await host.run(...args)
    expect({ args, ...outcome }).toMatchObject({ exitCode: 0 })
    return outcome.stdout
  }
  await run('pod', 'create', '--name', 'plain')
  await run('run', '--detach', '--pod', 'plain', '--name', 'p1', IMAGE, 'sleep', '1000')
  expect(await run('exec', 'p1', 'sh', '-c', 'cd /sys/class/net && echo *')).toBe('eth0 lo')
  await run('pod', 'rm', '--force', '--time', '0', 'plain')
})

test('info says which optional parts are missing', async (context) => {
  needTspod(context, 'has no such list')
  const { stdout } = await host.run('info')
  for (const name of ['nft', 'newuidmap', 'pasta']) expect(stdout).toContain(name)
})
