import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { assignPorts, parsePublish, reclaim, setUp } from '../../../src/network'
import { openRelay, type Relay } from '../../../src/network/relay'
import { eventually } from '../harness/wait'
import { serveDatagramsInside, serveInside, useClosing, useHost } from './host'

const host = useHost()
const { kernel, home } = host
const PORT = 18_080
const INSIDE = { address: '127.0.0.1', port: 80 }

let namespace: string

beforeEach(async () => {
  host.fresh()
  const request = { owner: host.owner(), ownerName: 'web', networks: [], ports: [] }
  namespace = (await setUp(home, request)).state.netns
})
afterEach(async () => {
  await reclaim(home, () => false)
})
const closing = useClosing()

const relay = (...specs: string[]): Relay => {
  const ports = assignPorts(kernel, parsePublish(specs.length ? specs : [`${PORT}:80`]))
  const opened = openRelay({ kernel, namespace, ports, target: '127.0.0.1' })
  closing(opened.close)
  return opened
}

const serve = (handle: (socket: Socket) => void) => {
  const server = serveInside(kernel, namespace, INSIDE, handle)
  closing(() => server.close())
}

const open = (port = PORT): Socket => {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
  closing(() => socket.destroy())
  return socket
}

const descriptors = () => readdirSync('/proc/self/fd').length

const read = async (socket: Socket): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

describe('a connection', () => {
  test('goes on after either side has said all it has to say', async () => {
    serve((socket) => {
      let heard = ''
      socket.on('data', (bytes) => {
        heard += bytes
      })
      socket.on('end', () => setTimeout(() => socket.end(`you said ${heard}`), 50))
    })
    const opened = relay()
    const client = open()
    client.end('hello')
    expect(await read(client)).toBe('you said hello')
    await eventually(() => opened.active === 0)
  })

  test('hears the server first, and may answer after its end', async () => {
    let heard = ''
    serve((socket) => {
      socket.end('bye')
      socket.on('data', (bytes) => {
        heard += bytes
      })
    })
    relay()
    const client = open()
    const said = once(client, 'data')
    await once(client, 'end')
    expect(String((await said)[0])).toBe('bye')
    client.end('late')
    await eventually(() => heard === 'late')
  })

  test('is reset when the server resets it, and the other way round', async () => {
    const accepted: Socket[] = []
    serve((socket) => accepted.push(socket.resume()))
    const opened = relay()
    const one = open()
    one.resume()
    await eventually(() => accepted.length === 1)
    accepted[0]!.resetAndDestroy()
    expect(await once(one, 'error')).toMatchObject([{ code: 'ECONNRESET' }])

    const two = open()
    await eventually(() => accepted.length === 2)
    const failed = once(accepted[1]!, 'error')
    two.resetAndDestroy()
    expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
    await eventually(() => opened.active === 0)
  })

  test('is reset where nothing listens inside, or the namespace has no way', async () => {
    const opened = relay()
    const client = open()
    client.resume()
    expect(await once(client, 'error')).toMatchObject([{ code: 'ECONNRESET' }])
    host.sh('ip route flush table local', namespace)
    const other = open()
    other.resume()
    expect(await once(other, 'error')).toMatchObject([{ code: 'ECONNRESET' }])
    await eventually(() => opened.active === 0)
  })

  test('carries every byte both ways at once', async () => {
    serve((socket) => socket.pipe(socket))
    relay()
    const sent = Buffer.alloc(16 << 20)
    for (let at = 0; at < sent.length; at += 4) sent.writeUInt32LE(at, at)
    const client = open()
    client.end(sent)
    const chunks: Buffer[] = []
    for await (const chunk of client) chunks.push(chunk)
    expect(Buffer.concat(chunks).equals(sent)).toBe(true)
  })

  test('with a slow reader stops the sender, at the price of little memory', async () => {
    let taken = 0
    const block = Buffer.alloc(1 << 20)
    serve((socket) => {
      const more = () => {
        while (socket.write(block)) taken += block.length
        taken += block.length
      }
      socket.on('drain', more)
      more()
    })
    relay()
    const before = process.memoryUsage().external
    const clients = Array.from({ length: 20 }, () => open())
    await Promise.all(clients.map((client) => once(client, 'connect')))
    await sleep(500)
    const stalled = taken
    await sleep(300)
    expect(taken).toBe(stalled)
    // What the server's own sockets have queued aside, a relay that piles up would hold all that the kernel does not.
    expect(process.memoryUsage().external - before).toBeLessThan(20 * (4 << 20))
    let received = 0
    clients[0]!.on('data', (bytes) => {
      received += bytes.length
    })
    await eventually(() => received > 32 << 20)
  })
})

test('two thousand connections at once, and nothing of them after', { timeout: 60_000 }, async () => {
  serve((socket) => socket.pipe(socket))
  const opened = relay()
  const warm = open()
  warm.end('x')
  await read(warm)
  await eventually(() => opened.active === 0)
  const before = descriptors()
  const clients: Socket[] = []
  for (let wave = 0; wave < 20; wave++) {
    const some = Array.from({ length: 100 }, () => connect({ port: PORT, host: '127.0.0.1' }))
    clients.push(...some)
    await Promise.all(some.map((client) => once(client, 'connect')))
  }
  await eventually(() => opened.active === 2000)
  const answers = await Promise.all(
    clients.map(async (client, index) => {
      client.end(`hello ${index}`)
      return read(client)
    }),
  )
  expect(answers.every((answer, index) => answer === `hello ${index}`)).toBe(true)
  await eventually(() => opened.active === 0)
  await eventually(() => descriptors() <= before)
})

describe('datagrams', () => {
  const ask = async (socket: ReturnType<typeof createSocket>, text: string, port = PORT) => {
    socket.send(text, port, '127.0.0.1')
    const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(3000) })
    return String(answer)
  }

  test('of each client find back to it', async () => {
    const served = serveDatagramsInside(kernel, namespace, INSIDE, (text, { port }) => `${text} from ${port}`)
    closing(() => served.close())
    const opened = relay(`${PORT}:80/udp`)
    const [one, two] = [createSocket('udp4'), createSocket('udp4')]
    closing(() => one.close())
    closing(() => two.close())
    const first = await ask(one, 'a')
    expect(await ask(one, 'a')).toBe(first)
    expect(await ask(two, 'a')).not.toBe(first)
    expect(opened.active).toBe(2)
    opened.close()
    expect(() => opened.active).not.toThrow()
  })

  test('from very many clients keep a bounded number of sockets', async () => {
    const served = serveDatagramsInside(kernel, namespace, INSIDE, String)
    closing(() => served.close())
    const opened = relay(`${PORT}:80/udp`)
    for (let client = 0; client < 1100; client++) {
      const socket = createSocket('udp4')
      expect(await ask(socket, `${client}`)).toBe(`${client}`)
      socket.close()
    }
    expect(opened.active).toBe(1024)
  })

  test('of a client that is silent for a minute are forgotten', async () => {
    const served = serveDatagramsInside(kernel, namespace, INSIDE, String)
    closing(() => served.close())
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'hrtime'] })
    closing(() => vi.useRealTimers())
    const opened = relay(`${PORT}:80/udp`)
    const [one, two] = [createSocket('udp4'), createSocket('udp4')]
    closing(() => one.close())
    closing(() => two.close())
    await ask(one, 'a')
    await ask(two, 'b')
    const before = descriptors()
    vi.advanceTimersByTime(50_000)
    await ask(two, 'still here')
    vi.advanceTimersByTime(30_000)
    expect(opened.active).toBe(1)
    await eventually(() => descriptors() < before)
    expect(await ask(one, 'back')).toBe('back')
  })

  test('to nobody are lost, and harm nothing', async () => {
    relay(`${PORT}:80/udp`)
    const socket = createSocket('udp4')
    closing(() => socket.close())
    socket.send('x', PORT, '127.0.0.1')
    await sleep(100)
    const served = serveDatagramsInside(kernel, namespace, INSIDE, String)
    closing(() => served.close())
    socket.send('lost or not', PORT, '127.0.0.1')
    await eventually(async () => (await ask(socket, 'y')) === 'y')
  })
})

describe('listening', () => {
  test('is done when openRelay returns, and over when it is closed', async () => {
    serve((socket) => socket.end('here'))
    const before = descriptors()
    const opened = relay(`${PORT}-${PORT + 4}:80-84`)
    const client = open()
    client.end()
    expect(await read(client)).toBe('here')
    opened.close()
    await eventually(() => descriptors() <= before)
    relay(`${PORT}-${PORT + 4}:80-84`)
  })

  test('on a busy port is an error that names it, and leaves the other ports alone', async () => {
    const server = createServer().listen(0, '0.0.0.0')
    closing(() => server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const before = descriptors()
    expect(() => relay(`${PORT}:80`, `127.0.0.1:${port}:81`)).toThrow(
      `cannot publish 127.0.0.1:${port}/tcp: address already in use`,
    )
    expect(descriptors()).toBe(before)
    relay()
  })

  test('for a namespace that is gone is refused', () => {
    const ports = assignPorts(kernel, parsePublish([`${PORT}:80`]))
    expect(existsSync('/run/netns/tspod-none')).toBe(false)
    const request = { kernel, namespace: '/run/netns/tspod-none', ports, target: '127.0.0.1' }
    expect(() => openRelay(request)).toThrow('ENOENT')
  })
})
