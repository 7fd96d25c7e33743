import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { findNetwork, parseNetworkMode, setUp, tearDown, withStaticAddresses } from '../../../src/network'
import { nothing, useCleanHost } from './clean-host'
import { OUTSIDE, useClosing } from './host'

const host = useCleanHost()
const { home, sh, request, leftovers } = host
const closing = useClosing()

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

test('rules that somebody flushed are made again', async () => {
  await setUp(home, request(host.owner()))
  sh('nft flush ruleset')
  const { state } = await setUp(home, request(host.owner()))
  sh(`ping -c1 -W2 ${OUTSIDE}`, state.netns)
})
