import { networkInterfaces } from 'node:os'
import { beforeEach, describe, expect, test } from 'vitest'
import { PODMAN } from './harness/command'
import { askUdp, fetchText, freePort, occupy } from './harness/http'
import { needTspod } from './harness/need'
import { HTTPD, IMAGE, useStore } from './harness/store'
import { eventually } from './harness/wait'

const store = useStore()

beforeEach(() => store.clear())

const serve = (name: string, ...options: string[]) =>
  store.ok('run', '--detach', '--name', name, ...options, HTTPD)
const answers = (host: string, port: number) => eventually(() => fetchText(host, port))
const addresses = (family: 'IPv4' | 'IPv6') =>
  Object.values(networkInterfaces())
    .flat()
    .filter((address) => address?.family === family && !address.address.startsWith('fe80'))
    .map((address) => address!.address)

describe('a published TCP port', () => {
  test('is reached by every IPv4 address of the host', async () => {
    const port = await freePort()
    await serve('web', '-p', `${port}:80`)
    expect(await store.ok('port', 'web')).toBe(`80/tcp -> 0.0.0.0:${port}`)
    await answers('127.0.0.1', port)
    for (const address of addresses('IPv4')) expect(await fetchText(address, port)).toMatch(/\S/)
  })

  test('and by every IPv6 address', async (context) => {
    needTspod(context, 'publishes on IPv6 for networks with IPv6 alone')
    const port = await freePort()
    await serve('web', '-p', `${port}:80`)
    await answers('::1', port)
    for (const address of addresses('IPv6')) expect(await fetchText(address, port)).toMatch(/\S/)
  })

  test('on one address of the host is there alone', async () => {
    const port = await freePort()
    await serve('bound', '-p', `127.0.0.1:${port}:80`)
    await answers('127.0.0.1', port)
    expect(await store.ok('port', 'bound', '80')).toBe(`127.0.0.1:${port}`)
    const outer = addresses('IPv4').find(
      (address) => !address.startsWith('127.') && !address.startsWith('10.'),
    )
    if (outer) await expect(fetchText(outer, port)).rejects.toThrow()
  })

  test('passes a large answer whole, to several at once', async () => {
    const port = await freePort()
    await serve('large', '-p', `${port}:80`)
    await answers('127.0.0.1', port)
    const bodies = await Promise.all(
      Array.from({ length: 8 }, () => fetchText('127.0.0.1', port, '/bytes/2000000')),
    )
    for (const body of bodies) expect(body).toHaveLength(2_000_000)
  })

  test('is free again when the container is stopped, and taken when it starts', async () => {
    const port = await freePort()
    await serve('again', '-p', `${port}:80`)
    await answers('127.0.0.1', port)
    await store.ok('stop', '--time', '1', 'again')
    await expect(fetchText('127.0.0.1', port)).rejects.toThrow(/ECONNREFUSED/)
    const server = await occupy(port)
    server.close()
    await store.ok('start', 'again')
    await answers('127.0.0.1', port)
  })
})

describe('the host port', () => {
  test('is drawn where none is given', async () => {
    await serve('random', '-p', '80')
    const port = Number(/:(\d+)$/.exec(await store.ok('port', 'random', '80'))![1])
    expect(port).toBeGreaterThan(1023)
    await answers('127.0.0.1', port)
  })

  test('-P publishes what the image exposes', async () => {
    await serve('all', '-P')
    const port = Number(/:(\d+)$/.exec(await store.ok('port', 'all', '80'))![1])
    await answers('127.0.0.1', port)
  })

  test('ranges', async () => {
    await serve('range', '-p', '20180-20182:80-82')
    expect((await store.ok('port', 'range')).split('\n').sort()).toEqual([
      '80/tcp -> 0.0.0.0:20180',
      '81/tcp -> 0.0.0.0:20181',
      '82/tcp -> 0.0.0.0:20182',
    ])
    await answers('127.0.0.1', 20180)
    expect(await store.ok('ps', '--format', '{{.Ports}}')).toBe('0.0.0.0:20180-20182->80-82/tcp')
  })

  test('that is busy is an error that names it', async () => {
    const server = await occupy(0)
    const { port } = server.address() as { port: number }
    const { exitCode, stderr } = await store.run(['run', '--detach', '-p', `${port}:80`, HTTPD])
    server.close()
    expect({ exitCode, stderr }).toEqual({
      exitCode: 126,
      stderr: expect.stringContaining(String(port)),
    })
    expect(stderr).toMatch(/address already in use/)
  })

  test('of another container is busy too', async () => {
    const port = await freePort()
    await serve('holder', '-p', `${port}:80`)
    const { exitCode, stderr } = await store.run([
      'run',
      '--detach',
      '--name',
      'late',
      '-p',
      `${port}:80`,
      HTTPD,
    ])
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain(String(port))
    if (!PODMAN) expect(stderr).toContain('holder')
  })

  test.for(['80:80:80:80', 'x:80', '70000:80', '80:80/icmp', '1-3:1-2', '-1'])(
    '%s is refused',
    async (port) => {
      const { exitCode, stderr } = await store.run(['create', '-p', port, IMAGE])
      expect({ exitCode, stderr }).toEqual({ exitCode: 125, stderr: expect.stringMatching(/^Error: /) })
    },
  )
})

test('a published UDP port', async () => {
  const port = await freePort()
  await store.ok('run', '--detach', '-p', `${port}:5353/udp`, IMAGE, 'node', '/srv/udp-echo.js', '5353')
  await eventually(async () => (await askUdp('127.0.0.1', port, 'ping')) === 'ping')
  if (!PODMAN) await eventually(async () => (await askUdp('::1', port, 'six')) === 'six')
})

test("a pod's port reaches whichever container listens", async () => {
  const port = await freePort()
  await store.ok('pod', 'create', '--name', 'webpod', '-p', `${port}:80`)
  await store.ok('run', '--detach', '--pod', 'webpod', '--name', 'server', HTTPD)
  expect(await answers('127.0.0.1', port)).toMatch(/^webpod /)
  await store.ok('rm', '--force', '--time', '0', 'server')
  await expect(fetchText('127.0.0.1', port)).rejects.toThrow()
  await store.ok('run', '--detach', '--pod', 'webpod', '--name', 'successor', HTTPD)
  await answers('127.0.0.1', port)
})

test('containers reach each other by address', async () => {
  await serve('one')
  const address = await store.inspect('one', '{{.NetworkSettings.IPAddress}}')
  const ask = `require("node:http").get("http://${address}", (r) => r.pipe(process.stdout))`
  await eventually(async () => (await store.ok('run', '--rm', IMAGE, 'node', '-e', ask)).length > 0)
})
