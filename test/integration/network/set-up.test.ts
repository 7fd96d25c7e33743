import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { buildSync } from 'esbuild'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { TspodError } from '../../../src/errors'
import {
  assignPorts,
  findNetwork,
  type NetworkHome,
  type NetworkRequest,
  parseNetworkMode,
  parsePublish,
  probePorts,
  reclaim,
  setUp,
  tearDown,
  withStaticAddresses,
} from '../../../src/network'
import { repository } from '../harness/places'
import { OUTSIDE, useClosing, useHost } from './host'

const host = useHost()
const { kernel, home, sh } = host

const request = (owner: string, ...publish: string[]): NetworkRequest => ({
  owner,
  ownerName: `name-${owner.slice(0, 8)}`,
  networks: [{ name: 'default' }],
  ports: assignPorts(kernel, parsePublish(publish)),
})

const leftovers = () => ({
  links: [...sh('ip -o link').matchAll(/^\d+: ((?:veth|tspod)\w+)/gm)].map(([, name]) => name),
  tables: sh('nft list tables').trim(),
  namespaces: readdirSync('/run/netns').filter((name) => name.startsWith(`netns-${host.mark}`)),
  leases: existsSync(`${home.runroot}/ipam/podman`)
    ? readdirSync(`${home.runroot}/ipam/podman`).filter((name) => !name.startsWith('.'))
    : [],
  records: existsSync(`${home.runroot}/network`) ? readdirSync(`${home.runroot}/network`) : [],
})

const nothing = { links: [], tables: '', namespaces: [], leases: [], records: [] }

beforeEach(() => {
  host.fresh()
})
afterEach(async () => {
  await reclaim(home, () => false)
  expect(leftovers()).toEqual(nothing)
})
// Runs before the check above, as hooks after a test run in reverse order.
const closing = useClosing()

const ip = (address: string) => address.split('/')[0]!

describe('a network', () => {
  test('joins two namespaces with each other, the host and what lies beyond', async () => {
    const [a, b] = [host.owner(), host.owner()]
    const one = (await setUp(home, request(a))).state
    const two = (await setUp(home, request(b))).state
    expect(one.networks).toEqual([
      {
        name: 'podman',
        interface: 'eth0',
        address: '10.88.0.2/16',
        gateway: '10.88.0.1',
        mac: '76:c8:0a:58:00:02',
      },
    ])
    expect(two.networks[0]?.address).toBe('10.88.0.3/16')
    for (const target of ['127.0.0.1', '10.88.0.2', '10.88.0.1', OUTSIDE])
      expect(sh(`ping -c1 -W2 ${target}`, two.netns)).toContain(' 0% packet loss')
  })

  test('looks as ip netns and ip addr are expected to show it', async () => {
    const { netns } = (await setUp(home, request(host.owner()))).state
    expect(netns).toMatch(/^\/run\/netns\/netns-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/)
    const name = netns.split('/').at(-1)!
    expect(sh('ip netns')).toContain(name)
    const shown = sh(`ip netns exec ${name} ip a`)
    expect(shown).toMatch(/^\d+: eth0@if\d+: <BROADCAST,MULTICAST,UP,LOWER_UP>/m)
    expect(shown).toMatch(/inet 10\.88\.0\.\d+\/16 brd 10\.88\.255\.255 scope global eth0/)
    expect(shown).toMatch(/^1: lo: <LOOPBACK,UP,LOWER_UP>/m)
  })

  test('is gone with its last namespace', async () => {
    const [a, b] = [host.owner(), host.owner()]
    await setUp(home, request(a, '18080:80'))
    await setUp(home, request(b))
    expect(await tearDown(home, a)).toEqual([])
    expect(leftovers()).toMatchObject({
      links: ['tspod0', expect.stringMatching(/^veth/)],
      leases: ['10.88.0.3'],
    })
    expect(sh('nft list map inet tspod0 ports')).not.toContain('18080')
    expect(await tearDown(home, b)).toEqual([])
    expect(await tearDown(home, b)).toEqual([])
    expect(leftovers()).toEqual(nothing)
  })

  test('is not needed for loopback alone', async () => {
    const { state, warnings } = await setUp(home, { ...request(host.owner()), networks: [] })
    expect(state.networks).toEqual([])
    expect(warnings).toEqual([])
    expect(sh('ip -o link', state.netns).trim().split('\n')).toHaveLength(1)
    sh('ping -c1 -W2 127.0.0.1', state.netns)
    expect(leftovers()).toMatchObject({ links: [], tables: '' })
  })

  test('gives the addresses that are asked for', async () => {
    const mode = withStaticAddresses(parseNetworkMode([]), { ip: '10.88.9.9', mac: '02:00:00:00:00:09' })
    const networks = mode.mode === 'bridge' ? mode.networks : []
    const { state } = await setUp(home, { ...request(host.owner()), networks })
    expect(state.networks[0]).toMatchObject({ address: '10.88.9.9/16', mac: '02:00:00:00:00:09' })
    expect(sh('ip a show dev eth0', state.netns)).toMatch(/02:00:00:00:00:09[\s\S]*10\.88\.9\.9\/16/)
    await expect(setUp(home, { ...request(host.owner()), networks })).rejects.toThrow(
      'requested ip address 10.88.9.9 is already allocated',
    )
  })

  test('that does not exist is refused before anything is made', async () => {
    const wrong = { ...request(host.owner()), networks: [{ name: 'nope' }] }
    await expect(setUp(home, wrong)).rejects.toThrow(
      'unable to find network with name or ID nope: network not found',
    )
    expect(leftovers()).toEqual(nothing)
  })

  test('works without nft, and says what is missing', async () => {
    const { state, warnings } = await setUp({ ...home, nft: null }, request(host.owner()))
    expect(warnings).toEqual([expect.stringContaining('no nft program was found (install nftables)')])
    expect(leftovers().tables).toBe('')
    sh('ping -c1 -W2 10.88.0.1', state.netns)
  })

  test('warns where the host forwards for Docker alone, until its bridge is let through', async () => {
    sh('ip link add docker0 type bridge')
    closing(() => sh('ip link del docker0; nft delete table ip filter'))
    sh(`nft 'add table ip filter'
      nft 'add chain ip filter FORWARD { type filter hook forward priority 0; policy drop; }'
      nft 'add chain ip filter DOCKER-USER'`)
    const [a, b] = [host.owner(), host.owner()]
    const { warnings } = await setUp(home, request(a))
    expect(warnings).toEqual([expect.stringContaining('iptables -I DOCKER-USER -i tspod0 -j ACCEPT')])
    await tearDown(home, a)
    sh(`nft 'add rule ip filter DOCKER-USER iifname "tspod0" accept'`)
    expect((await setUp(home, request(b))).warnings).toEqual([])
    await tearDown(home, b)
  })

  test('works with an nft that fails, and says what it said', async () => {
    const broken = join(home.root, 'nft')
    writeFileSync(broken, '#!/bin/sh\necho "netlink: Error: cache initialization failed" >&2; exit 1\n', {
      mode: 0o755,
    })
    const { warnings } = await setUp({ ...home, nft: broken }, request(host.owner()))
    expect(warnings).toEqual([
      expect.stringContaining('nft: cache initialization failed: containers reach each other'),
    ])
  })
})

test('a namespace joins several networks, IPv6 ones too', async () => {
  findNetwork(home, 'podman')
  const blue = {
    ...findNetwork(home, 'podman'),
    name: 'blue',
    id: 'b1'.repeat(32),
    network_interface: 'blue0',
    ipv6_enabled: true,
    subnets: [
      { subnet: '10.77.0.0/24', gateway: '10.77.0.1' },
      { subnet: 'fd77::/64', gateway: 'fd77::1' },
    ],
  }
  writeFileSync(`${home.root}/networks/blue.json`, JSON.stringify(blue))
  const networks = [{ name: 'default' }, { name: 'b1b1', interfaceName: 'card7', staticIps: ['fd77::99'] }]
  const owner = host.owner()
  const { state } = await setUp(home, { ...request(owner, '18080:80'), networks })
  expect(state.networks.map(({ name, interface: card, address }) => [name, card, address])).toEqual([
    ['podman', 'eth0', '10.88.0.2/16'],
    ['blue', 'card7', '10.77.0.2/24'],
  ])
  const shown = sh('ip -o a show dev card7', state.netns)
  expect(shown).toContain('10.77.0.2/24')
  expect(shown).toContain('fd77::99/64')
  for (const gateway of ['10.88.0.1', '10.77.0.1', 'fd77::1']) sh(`ping -c1 -W2 ${gateway}`, state.netns)
  expect(await tearDown(home, owner)).toEqual([])
  expect(sh('ip -o link')).not.toContain('blue0')
  expect(leftovers()).toEqual(nothing)
})

describe('range and bridge of the default network', () => {
  test('are decided once, and kept', async () => {
    sh('ip link add other type bridge; ip addr add 10.88.0.1/16 dev other; ip link set other up')
    expect(findNetwork(home, 'podman').id).toBe(findNetwork(home, '2f259bab93aa').id)
    sh('ip link del other')
    const { state } = await setUp(home, request(host.owner()))
    expect(state.networks[0]?.address).toBe('10.89.0.2/16')
    expect(JSON.parse(readFileSync(`${home.root}/networks/podman.json`, 'utf8'))).toMatchObject({
      name: 'podman',
      network_interface: 'tspod0',
      subnets: [{ subnet: '10.89.0.0/16', gateway: '10.89.0.1' }],
    })
  })

  test('avoid what the host uses', async () => {
    sh('ip link add tspod0 type bridge; ip addr add 10.88.3.1/24 dev tspod0; ip link set tspod0 up')
    closing(() => sh('ip link del tspod0'))
    sh(`ip route add 10.89.128.0/20 via ${OUTSIDE}`)
    closing(() => sh('ip route del 10.89.128.0/20'))
    const owner = host.owner()
    const { state } = await setUp(home, request(owner))
    expect(state.networks[0]?.address).toBe('10.90.0.2/16')
    expect(sh('ip -o link')).toContain('tspod1')
    await tearDown(home, owner)
  })

  test('change when somebody else has taken them meanwhile', async () => {
    findNetwork(home, 'podman')
    sh('ip link add podman0 type bridge; ip addr add 10.88.0.1/16 dev podman0; ip link set podman0 up')
    closing(() => sh('ip link del podman0'))
    const { state } = await setUp(home, request(host.owner()))
    expect(state.networks[0]?.address).toBe('10.89.0.2/16')
  })

  test('keep two roots apart', async () => {
    const other: NetworkHome = { ...home, root: `${home.root}2`, runroot: `${home.runroot}2` }
    closing(() => rmSync(other.root, { recursive: true, force: true }))
    findNetwork(other, 'podman')
    const [a, b] = [host.owner(), host.owner()]
    const one = (await setUp(home, request(a))).state
    const two = (await setUp(other, request(b))).state
    expect([one, two].map(({ networks }) => networks[0]?.address)).toEqual(['10.88.0.2/16', '10.89.0.2/16'])
    expect(await tearDown(home, a)).toEqual([])
    sh('ping -c1 -W2 10.89.0.1', two.netns)
    expect(await tearDown(other, b)).toEqual([])
  })

  test('that are damaged on disk are named', async () => {
    findNetwork(home, 'podman')
    writeFileSync(`${home.root}/networks/podman.json`, '{"name":')
    await expect(setUp(home, request(host.owner()))).rejects.toThrow(/podman\.json is damaged/)
  })
})

describe('a busy port', () => {
  const portOf = async (): Promise<[number, () => void]> => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    return [(server.address() as { port: number }).port, () => server.close()]
  }

  test('is named with the process that holds it, and nothing is left', async () => {
    const [port, close] = await portOf()
    closing(close)
    const failure = setUp(home, request(host.owner(), `${port}:80`))
    await expect(failure).rejects.toThrow(
      new RegExp(
        `^cannot publish 0\\.0\\.0\\.0:${port}/tcp: address already in use \\(held by process ${process.pid}, .+\\): choose another host port or stop it$`,
      ),
    )
    expect(leftovers()).toEqual(nothing)
  })

  test('is named with the container that holds it', async () => {
    const owner = host.owner()
    await setUp(home, request(owner, '127.0.0.1:18080-18082:80-82'))
    await expect(setUp(home, request(host.owner(), '18081:80'))).rejects.toMatchObject({
      code: 'in-use',
      message: expect.stringContaining(`(held by container name-${owner.slice(0, 8)})`),
    })
    probePorts(home, assignPorts(kernel, parsePublish(['127.0.0.2:18081:80', '18083:80', '18081:80/udp'])))
  })

  test('is never drawn', async () => {
    const ports = assignPorts(kernel, parsePublish(['80', '81/udp', '90-94']))
    expect(new Set(ports.map(({ hostPort }) => hostPort)).size).toBe(3)
    expect(ports.every(({ hostPort, range }) => hostPort >= 1024 && hostPort + range <= 65536)).toBe(true)
    probePorts(home, ports)
  })

  test('that may not be used is an error of its own', () => {
    const ports = assignPorts(kernel, parsePublish(['203.0.113.9:80:80']))
    expect(() => probePorts(home, ports)).toThrow(
      'cannot publish 203.0.113.9:80/tcp: cannot assign requested address',
    )
  })
})

/** Another process that sets one owner up, with the kernel's methods as given. */
const script = (body: string): string => {
  const path = join(home.root, '..', `script-${Math.random().toString(36).slice(2)}.cjs`)
  buildSync({
    stdin: {
      contents: `
        import { openKernel } from './src/kernel'
        import { setUp, tearDown } from './src/network'
        const kernel = openKernel()
        const home = { kernel, root: '${home.root}', runroot: '${home.runroot}' }
        const request = { owner: process.argv[2], ownerName: 'x', networks: [{ name: 'default' }], ports: JSON.parse(process.argv[3] ?? '[]') }
        const main = async () => { ${body} }
        main().catch((error) => { console.error(error); process.exit(1) })`,
      resolveDir: repository,
      loader: 'ts',
    },
    bundle: true,
    platform: 'node',
    external: ['koffi', '@koromix/*', 'execa'],
    outfile: path,
    logLevel: 'silent',
  })
  return path
}

const run = promisify(execFile)
const env = { ...process.env, NODE_PATH: join(repository, 'node_modules') }

test('twenty processes set up and tear down at once', { timeout: 120_000 }, async () => {
  const path = script(`
    const { state } = await setUp(home, request)
    console.log(state.networks[0].address)
    const errors = process.argv[4] ? await tearDown(home, request.owner) : []
    if (errors.length) throw errors[0]`)
  const owners = Array.from({ length: 20 }, () => host.owner())
  const port = (index: number) => JSON.stringify(assignPorts(kernel, parsePublish([`${18_100 + index}:80`])))
  const results = await Promise.all(
    owners.map((owner, index) =>
      run('node', [path, owner, port(index), ...(index % 2 ? ['down'] : [])], { env }),
    ),
  )
  const addresses = results.map(({ stdout }) => stdout.trim())
  const kept = addresses.filter((_, index) => index % 2 === 0)
  expect(new Set(kept).size).toBe(10)
  expect(leftovers().leases.sort()).toEqual(kept.map(ip).sort())
  expect(sh('nft list map inet tspod0 ports').match(/tcp \./g)).toHaveLength(10)
  await Promise.all(owners.map((owner) => tearDown(home, owner)))
  expect(leftovers()).toEqual(nothing)
})

describe('a process that is killed', () => {
  test.for(['createNetworkNamespace', 'openNetlink', 'addBridge', 'addVeth', 'addRoute', 'startProgram'])(
    'in %s leaves nothing that the next one does not mend',
    async (method) => {
      const path = script(`
      const die = () => { process.kill(process.pid, 'SIGKILL'); for (;;); }
      const dying = (object) => ({ ...object, ['${method}']: (...args) => { object['${method}'](...args); die() } })
      const lethal = dying({ ...kernel, openNetlink: () => '${method}' in kernel ? kernel.openNetlink() : dying(kernel.openNetlink()) })
      await setUp({ ...home, kernel: lethal }, request)`)
      const owner = host.owner()
      const died = run('node', [path, owner], { env })
      await expect(died).rejects.toMatchObject({ signal: 'SIGKILL' })
      const { state } = await setUp(home, request(owner))
      sh('ping -c1 -W2 10.88.0.1', state.netns)
      expect(await tearDown(home, owner)).toEqual([])
      expect(leftovers()).toEqual(nothing)
    },
  )

  test('is cleaned up after by its id alone, and by reclaim', async () => {
    const [a, b] = [host.owner(), host.owner()]
    await setUp(home, request(a, '18080:80'))
    await setUp(home, request(b))
    writeFileSync(`${home.runroot}/network/${a}.json`, '{"owner":')
    expect(await tearDown(home, a)).toEqual([])
    expect(leftovers()).toMatchObject({ leases: ['10.88.0.3'] })
    expect(await reclaim(home, (owner) => owner !== b)).toEqual([b])
    expect(leftovers()).toEqual(nothing)
  })
})

test('tearing down goes on after a failure, and can be repeated', async () => {
  const owner = host.owner()
  await setUp(home, request(owner))
  const deaf = { ...kernel, unmount: () => expect.fail('no unmounting today') }
  const errors: TspodError[] = await tearDown({ ...home, kernel: deaf }, owner)
  expect(errors.map(({ message }) => message)).toEqual([expect.stringContaining('no unmounting today')])
  expect(leftovers()).toMatchObject({ links: [], tables: '', leases: [] })
  expect(await tearDown(home, owner)).toEqual([])
})

test('a set-up that fails half-way leaves nothing', async () => {
  const failing = { ...kernel, inNetworkNamespace: () => expect.fail('no way in') }
  await expect(setUp({ ...home, kernel: failing }, request(host.owner(), '18080:80'))).rejects.toThrow(
    'no way in',
  )
  expect(leftovers()).toEqual(nothing)
})

test('rules that somebody flushed are made again', async () => {
  await setUp(home, request(host.owner()))
  sh('nft flush ruleset')
  const { state } = await setUp(home, request(host.owner()))
  sh(`ping -c1 -W2 ${OUTSIDE}`, state.netns)
})
