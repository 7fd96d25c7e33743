import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openSplicer } from '../../../src/libpod/relay-splicer'
import { assignPorts, parsePublish, reclaim, setUp } from '../../../src/network'
import { openRelay, type Relay } from '../../../src/network/relay'
import { SPLICE_NAME } from '../../../src/runtime/program/splice'
import { eventually } from '../harness/wait'
import { serveInside, useClosing, useHost } from './host'

const host = useHost()
const { kernel, home } = host
const PORT = 18_081
const BLOCK = Buffer.alloc(1 << 20, 'block')

let namespace: string
let relay: Relay
const accepted: Socket[] = []

/** PIDs of the processes that carry connections. */
const carriers = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const [, name, rest = ''] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1')) ?? []
        return name === SPLICE_NAME && rest.split(' ')[1] === String(process.pid)
      } catch {
        return false
      }
    })

beforeEach(async () => {
  host.fresh()
  const request = { owner: host.owner(), ownerName: 'web', networks: [], ports: [] }
  namespace = (await setUp(home, request)).state.netns
  const ports = assignPorts(kernel, parsePublish([`${PORT}:80`]))
  relay = openRelay({ kernel, namespace, ports, target: '127.0.0.1', splicer: openSplicer(kernel) })
  closing(relay.close)
  const server = serveInside(kernel, namespace, { address: '127.0.0.1', port: 80 }, (s) => accepted.push(s))
  closing(() => server.close())
})
afterEach(async () => {
  for (const socket of accepted.splice(0)) socket.destroy()
  await eventually(() => carriers().length === 0)
  await reclaim(home, () => false)
})
const closing = useClosing()

const open = async (): Promise<[client: Socket, server: Socket]> => {
  const before = accepted.length
  const client = connect({ port: PORT, host: '127.0.0.1', allowHalfOpen: true })
  client.on('error', () => undefined)
  closing(() => client.destroy())
  await eventually(() => accepted.length > before)
  return [client, accepted[before]!]
}

/** Sends from one to the other until the relay has handed the connection over; how many bytes that took. */
const makeBulk = async (from: Socket, to: Socket): Promise<number> => {
  const before = carriers().length
  let sent = 0
  let received = 0
  const count = (bytes: Buffer) => {
    received += bytes.length
  }
  to.on('data', count)
  const start = Date.now()
  while (carriers().length === before && Date.now() < start + 20_000) {
    for (let n = 0; n < 16; n++) from.write(BLOCK)
    sent += 16 * BLOCK.length
    await eventually(() => received === sent)
  }
  to.off('data', count)
  to.pause()
  expect(carriers().length).toBe(before + 1)
  return sent
}

/** All until the end; unlike an iterator it leaves the other direction open. */
const read = async (socket: Socket): Promise<Buffer> => {
  const chunks: Buffer[] = []
  socket.on('data', (bytes) => chunks.push(bytes)).resume()
  await once(socket, 'end')
  return Buffer.concat(chunks)
}

describe.each(['download', 'upload'])('a connection that moves much, as %s', (direction) => {
  const bulk = async (): Promise<[from: Socket, to: Socket]> => {
    const [client, server] = await open()
    const pair: [Socket, Socket] = direction === 'download' ? [server, client] : [client, server]
    await makeBulk(...pair)
    return pair
  }

  test('goes on, counts, and ends in halves', async () => {
    const [from, to] = await bulk()
    expect(relay.active).toBe(1)
    from.end('last words')
    expect(String(await read(to))).toBe('last words')
    const answer = read(from)
    to.write('late ')
    await sleep(50)
    to.end('answer')
    expect(String(await answer)).toBe('late answer')
    await eventually(() => relay.active === 0 && carriers().length === 0)
  })

  test('is reset by either end', async () => {
    for (const end of [0, 1] as const) {
      const pair = await bulk()
      const other = pair[1 - end]!
      const failed = once(other, 'error')
      other.resume()
      pair[end].resetAndDestroy()
      expect(await failed).toMatchObject([{ code: 'ECONNRESET' }])
      await eventually(() => relay.active === 0)
    }
  })

  test('with a slow reader stops the sender', async () => {
    const [from, to] = await bulk()
    let taken = 0
    const more = () => {
      while (from.write(BLOCK)) taken += BLOCK.length
      taken += BLOCK.length
    }
    from.on('drain', more)
    more()
    await sleep(500)
    const stalled = taken
    await sleep(300)
    expect(taken).toBe(stalled)
    let received = 0
    to.on('data', (bytes) => {
      received += bytes.length
    })
    to.resume()
    await eventually(() => received > stalled + (32 << 20))
    from.off('drain', more)
  })

  test('ends with the relay', async () => {
    const [from, to] = await bulk()
    const over = Promise.all([from, to].map((socket) => once(socket.resume(), 'end').catch(() => undefined)))
    relay.close()
    await over
    await eventually(() => carriers().length === 0)
  })
})

test('carries every byte both ways at once, however it is handed over', { timeout: 60_000 }, async () => {
  const size = 48 << 20
  const sent = Buffer.alloc(size)
  for (let at = 0; at < size; at += 4) sent.writeUInt32LE(at, at)
  for (let round = 0; round < 4; round++) {
    const [client, server] = await open()
    server.pipe(server)
    client.end(sent)
    expect((await read(client)).equals(sent)).toBe(true)
  }
  await eventually(() => relay.active === 0)
})

test('an end that was told before the hand-over is not told twice, nor lost', async () => {
  const [client, server] = await open()
  client.end('send me much')
  expect(String(await read(server))).toBe('send me much')
  const total = await makeBulk(server, client)
  expect(total).toBeGreaterThan(0)
  server.end('done')
  expect(String(await read(client))).toBe('done')
  await eventually(() => relay.active === 0)
})

test('more connections than get a process go on without', { timeout: 60_000 }, async () => {
  const size = 32 << 20
  const sent = Buffer.alloc(size, 'many ')
  const pairs: [Socket, Socket][] = []
  for (let n = 0; n < 20; n++) pairs.push(await open())
  await Promise.all(
    pairs.map(async ([client, server]) => {
      server.end(sent)
      expect((await read(client)).length).toBe(size)
    }),
  )
  expect(carriers().length).toBeLessThanOrEqual(16)
  for (const [client] of pairs) client.end()
  await eventually(() => relay.active === 0 && carriers().length === 0)
})
