import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { assignPorts, type NetworkHome, parsePublish, reclaim, setUp, tearDown } from '../../../src/network'
import { openRelay } from '../../../src/network/relay'
import type { NetworkState } from '../../../src/state/types'
import { eventually } from '../harness/wait'
import {
  askFrom,
  HOST,
  HOST6,
  OUTSIDE,
  sendFrom,
  serveDatagramsInside,
  serveInside,
  useClosing,
  useHost,
} from './host'

const host = useHost()
const { kernel, home } = host

beforeEach(() => host.fresh())
afterEach(async () => {
  await reclaim(home, () => false)
})
const closing = useClosing()

const PORT = 18_080

/** A pod that publishes, with a program inside that tells a caller its address; the relay runs where asked for. */
const publish = async (from: NetworkHome, relay: boolean, ...specs: string[]): Promise<NetworkState> => {
  const ports = assignPorts(kernel, parsePublish(specs))
  const owner = host.owner()
  const { state } = await setUp(from, { owner, ownerName: 'web', networks: [{ name: 'default' }], ports })
  const target = state.networks[0]!.address.split('/')[0]!
  const at = { address: '0.0.0.0', port: 80 }
  const server = serveInside(kernel, state.netns, at, (socket) => socket.end(`${socket.remoteAddress}`))
  closing(() => server.close())
  const datagrams = serveDatagramsInside(kernel, state.netns, at, (_, client) => client.address)
  closing(() => datagrams.close())
  if (relay) closing(openRelay({ kernel, namespace: state.netns, ports, target }).close)
  return state
}

const neighbour = async (): Promise<string> => {
  const request = { owner: host.owner(), ownerName: 'other', networks: [{ name: 'default' }], ports: [] }
  return (await setUp(home, request)).state.netns
}

/** From the host itself. */
const ask = async (address: string, port = PORT): Promise<string> => {
  const socket = connect(port, address)
  let answer = ''
  socket.on('data', (bytes) => {
    answer += bytes
  })
  await once(socket, 'close').catch((error) => {
    answer = error.code
  })
  return answer
}

const askByDatagram = async (address: string): Promise<string> => {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  closing(() => socket.close())
  socket.send('?', PORT, address)
  const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(3000) })
  return String(answer)
}

describe('a published port, translated by nftables', () => {
  test('is reached from the host, from beyond and from containers, which are seen as they are', async () => {
    const state = await publish(home, false, `${PORT}:80`)
    const own = state.networks[0]!.address.split('/')[0]!
    const other = await neighbour()
    expect(await ask('127.0.0.1')).toBe('10.88.0.1')
    expect(await ask(HOST)).toBe(HOST)
    expect(await ask(own, 80)).toBe('10.88.0.1')
    expect(await askFrom(host.outside, HOST, PORT)).toBe(OUTSIDE)
    // A container that calls its own network's port is seen as the gateway: the answer must come back that way.
    for (const caller of [state.netns, other]) {
      expect(await askFrom(caller, HOST, PORT)).toBe('10.88.0.1')
      expect(await askFrom(caller, '10.88.0.1', PORT)).toBe('10.88.0.1')
    }
  })

  test('carries UDP and ranges', async () => {
    await publish(home, false, `${PORT}:80/udp`, `${PORT + 9}-${PORT + 11}:79-81`)
    expect(await askByDatagram('127.0.0.1')).toBe('10.88.0.1')
    expect(await askByDatagram(HOST)).toBe(HOST)
    expect(await ask(HOST, PORT + 10)).toBe(HOST)
    expect(await ask(HOST, PORT + 11)).toBe('ECONNREFUSED')
  })

  test('on one address is not on the others', async () => {
    await publish(home, true, `${HOST}:${PORT}:80`)
    expect(await ask(HOST)).toBe(HOST)
    expect(await ask('127.0.0.1')).toBe('ECONNREFUSED')
    expect(await ask('::1')).toBe('ECONNREFUSED')
  })

  test('on loopback is hidden from the world', async () => {
    await publish(home, true, `127.0.0.1:${PORT}:80`)
    expect(await ask('127.0.0.1')).toBe('10.88.0.1')
    expect(await askFrom(host.outside, HOST, PORT)).toBe('ECONNREFUSED')
  })

  // CVE-2020-8558: a container with routes of its own sends packets for 127.0.0.1 to the bridge.
  test('does not open what listens on loopback to containers', async () => {
    const { netns } = await publish(home, false, `127.0.0.1:${PORT}:80`)
    const local = createSocket('udp4')
    closing(() => local.close())
    local.bind(PORT + 1, '127.0.0.1')
    const heard: string[] = []
    local.on('message', (datagram) => heard.push(String(datagram)))
    host.sh('echo 1 > /proc/sys/net/ipv4/conf/eth0/route_localnet', netns)
    host.sh('ip route del local 127.0.0.0/8 table local; ip route del local 127.0.0.1 table local', netns)
    host.sh('ip route add 127.0.0.1 via 10.88.0.1 src 10.88.0.2', netns)
    await sendFrom(netns, '127.0.0.1', PORT + 1, 'before')
    host.sh('nft flush chain inet tspod0 martians')
    await sendFrom(netns, '127.0.0.1', PORT + 1, 'without the rules')
    await eventually(() => heard.length > 0)
    expect(heard).toEqual(['without the rules'])
  })

  test('is closed when its container is gone, and free for the next', async () => {
    await publish(home, false, `${PORT}:80`)
    await tearDown(home, `${host.mark}01`.repeat(8))
    await reclaim(home, () => false)
    expect(await ask('127.0.0.1')).toBe('ECONNREFUSED')
    await publish(home, false, `${PORT}:80`)
    expect(await ask('127.0.0.1')).toBe('10.88.0.1')
  })

  test('leads a steady stream of datagrams to the container that has it now', async () => {
    const stream = createSocket('udp4')
    closing(() => stream.close())
    const heard: string[] = []
    stream.on('message', (datagram) => heard.push(String(datagram)))
    const answeredBy = async (container: string) => {
      await eventually(() => {
        stream.send(container, PORT, HOST)
        return heard.includes(container)
      }, 3)
    }
    for (const name of ['first', 'second']) {
      const ports = assignPorts(kernel, parsePublish([`${PORT}:80/udp`]))
      const owner = host.owner()
      const networks = [{ name: 'default' }]
      const { state } = await setUp(home, { owner, ownerName: name, networks, ports })
      const at = { address: '0.0.0.0', port: 80 }
      const served = serveDatagramsInside(kernel, state.netns, at, () => name)
      closing(() => served.close())
      await answeredBy(name)
      await tearDown(home, owner)
    }
  })
})

describe.for([true, false])('a published port with the relay, nftables: %s', (nft) => {
  const chosen = nft ? home : { ...home, nft: null }

  // `home` gets new folders for each test.
  const current = (): NetworkHome => ({ ...chosen, root: home.root, runroot: home.runroot })

  test('is reached by every address of the host, IPv4 and IPv6', async () => {
    await publish(current(), true, `${PORT}:80`)
    for (const address of ['127.0.0.1', HOST, '10.88.0.1', '::1', HOST6])
      expect(await ask(address)).not.toMatch(/^E|^$/)
    expect(await askFrom(host.outside, HOST, PORT)).not.toMatch(/^E|^$/)
    expect(await askFrom(host.outside, HOST6, PORT)).not.toMatch(/^E|^$/)
    expect(await askFrom(await neighbour(), HOST, PORT)).not.toMatch(/^E|^$/)
  })

  test('is reached by datagrams', async () => {
    await publish(current(), true, `${PORT}:80/udp`)
    for (const address of ['127.0.0.1', HOST, '::1', HOST6]) expect(await askByDatagram(address)).not.toBe('')
  })

  test('on one IPv6 address is not on the others', async () => {
    await publish(current(), true, `[${HOST6}]:${PORT}:80`)
    expect(await ask(HOST6)).not.toMatch(/^E|^$/)
    for (const address of ['::1', '127.0.0.1']) expect(await ask(address)).toBe('ECONNREFUSED')
  })
})
