import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findNetwork, type NetworkHome, setUp, tearDown } from '../../../src/network'
import { useCleanHost } from './clean-host'
import { OUTSIDE, useClosing } from './host'

const host = useCleanHost()
const { home, sh, request } = host
const closing = useClosing()

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
