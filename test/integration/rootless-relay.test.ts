import { execFile } from 'node:child_process'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PODMAN } from './harness/command'
import { missing, useOrdinaryUser } from './harness/ordinary-user'
import { eventually } from './harness/wait'
import { askFrom, canMakeHost, HOST, HOST6, OUTSIDE, OUTSIDE6, useClosing, useHost } from './network/host'

const [PORT, PORT4, PORT6] = [18_100, 18_101, 18_102] as const

/** Does what the first line asks for; 8080 listens on everything, 8081 by IPv4 alone, 8082 on ::1 alone. */
const SERVER = `
  const net = require('node:net'), dgram = require('node:dgram')
  const block = Buffer.alloc(1 << 20, 'block')
  const acts = {
    who: (s) => s.end(s.remoteAddress),
    late: (s) => { let said = ''; s.on('data', (b) => said += b).on('end', () => s.end('you said ' + said)) },
    reset: (s) => s.resetAndDestroy(),
    wait: (s) => s.on('error', (e) => console.log('heard ' + e.code)).resume(),
    flood: (s) => { let sent = 0; const more = () => { do sent++; while (s.write(block)); console.log('sent ' + sent) }
      s.on('drain', more); more() },
    echo: (s) => s.pipe(s),
    send: (s) => { let n = 64; const more = () => { while (n-- > 0 && s.write(block)); if (n < 0) s.end('done') }
      s.on('drain', more); more() },
  }
  for (const [port, host] of [[8080, '::'], [8081, '0.0.0.0'], [8082, '::1']]) {
    net.createServer({ allowHalfOpen: true }, (s) => {
      s.on('error', () => undefined)
      s.once('readable', () => { const [word, rest] = String(s.read() ?? '').split('\\n')
        if (rest) s.unshift(Buffer.from(rest)); acts[word]?.(s) })
    }).listen(port, host, 4096)
    const u = dgram.createSocket({ type: host.includes(':') ? 'udp6' : 'udp4' })
    u.on('message', (b, from) => u.send(b + ' from ' + from.address + ' ' + from.port, from.port, from.address))
    u.bind(port, host, () => console.log('ready'))
  }`

const ASK_BY_UDP = `
  const [address, port] = process.argv.slice(1)
  const socket = require('node:dgram').createSocket(address.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (text) => { console.log(text + ' at ' + socket.address().port); socket.close() })
  socket.send('hello', +port, address)
  setTimeout(() => process.exit(), 3000).unref()`

describe.skipIf(PODMAN || missing.length > 0 || !canMakeHost)('published ports of an ordinary user', () => {
  const host = useHost()
  const user = useOrdinaryUser({ name: 'tspod-t5', ranges: true })
  const closing = useClosing()
  let monitor = 0

  beforeAll(async () => {
    const ports = [PORT, PORT4, PORT6].flatMap((port, index) =>
      ['tcp', 'udp'].flatMap((protocol) => ['-p', `${port}:${8080 + index}/${protocol}`]),
    )
    const words = ['run', '-d', '--name', 'server', ...ports, 'localhost/base']
    const script = `ulimit -Sn 1024; exec "$@"`
    const run = ['sh', '-c', script, 'sh', user.bin, ...words, 'node', '-e', SERVER]
    const { code, stderr } = user.program(run)
    // a warning tells where there is no way out
    if (code !== 0) throw new Error(stderr)
    await eventually(() => user.ok('logs', 'server').split('\n').length >= 3)
    monitor = user
      .processes()
      .filter((line) => / tspod monitor/.test(line))
      .map((line) => Number.parseInt(line, 10))[0]!
  })
  afterAll(() => user.clear())

  const memory = () => Number(/^RssAnon:\s+(\d+)/m.exec(readFileSync(`/proc/${monitor}/status`, 'utf8'))?.[1])

  const open = async (word: string, port: number = PORT): Promise<Socket> => {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    closing(() => socket.destroy())
    await once(socket, 'connect')
    socket.on('error', () => undefined).write(`${word}\n`)
    return socket
  }
  const read = async (socket: Socket): Promise<string> => {
    const chunks: Buffer[] = []
    socket.on('data', (bytes) => chunks.push(bytes))
    await once(socket, 'end')
    return Buffer.concat(chunks).toString()
  }
  const askByUdp = async (namespace: string, address: string, port: number): Promise<string> => {
    const args = [`--net=${namespace}`, process.execPath, '-e', ASK_BY_UDP, address, `${port}`]
    return (await promisify(execFile)('nsenter', args)).stdout.trim()
  }

  test('serve connections that end in halves', async () => {
    const socket = await open('late')
    await sleep(50)
    socket.end('hello')
    expect(await read(socket)).toBe('you said hello')
  })

  test('pass resets on, both ways', async () => {
    const one = await open('reset')
    expect(await once(one.resume(), 'error')).toMatchObject([{ code: 'ECONNRESET' }])
    const two = await open('wait')
    await sleep(100)
    two.resetAndDestroy()
    await eventually(() => user.ok('logs', 'server').includes('heard ECONNRESET'))
  })

  test('stop whoever sends to a slow reader, at the price of little memory', async () => {
    await read(await open('who'))
    const before = memory()
    const readers = await Promise.all(Array.from({ length: 8 }, () => open('flood')))
    for (const reader of readers) reader.pause()
    await sleep(1000)
    const said = user.ok('logs', 'server').length
    await sleep(500)
    expect(user.ok('logs', 'server').length).toBe(said)
    expect(memory() - before).toBeLessThan(16 * 1024)
    for (const reader of readers) reader.destroy()
  })

  test('carry what is large by a process of its own, which is gone after', async () => {
    const carriers = () => user.processes().filter((line) => line.endsWith(' tspod-splice'))
    const start = Date.now()
    // a busy machine may be too slow for it the first time
    for (let seen = false; !seen && Date.now() < start + 20_000; ) {
      const socket = await open('send')
      const answer = read(socket)
      for (let looks = 0; looks < 200 && !seen && !socket.readableEnded; looks++) {
        seen = carriers().length > 0
        await sleep(1)
      }
      const text = await answer
      expect([text.length, text.slice(-4)]).toEqual([(64 << 20) + 4, 'done'])
      socket.end()
      if (seen) expect(seen).toBe(true)
    }
    await eventually(() => carriers().length === 0)
  })

  test('serve two thousand connections at once, and need no more memory after', {
    timeout: 60_000,
  }, async () => {
    expect(readFileSync(`/proc/${monitor}/limits`, 'utf8')).toMatch(/^Max open files +(\d+) +\1 /m)
    const wave = async (count: number) => {
      const sockets: Socket[] = []
      while (sockets.length < count)
        sockets.push(...(await Promise.all(Array.from({ length: 100 }, () => open('echo')))))
      const answers = await Promise.all(
        sockets.map((socket, index) => {
          socket.end(`hello ${index}`)
          return read(socket)
        }),
      )
      return answers.filter((answer, index) => answer === `hello ${index}`).length
    }
    expect(await wave(100)).toBe(100)
    await sleep(500)
    const before = memory()
    expect(await wave(2000)).toBe(2000)
    await eventually(() => memory() - before < 4 * 1024, 15)
  })

  describe('tell a program who its client is', () => {
    test('by TCP', async () => {
      expect(await askFrom(host.outside, HOST, PORT, 'who\n')).toBe(`::ffff:${OUTSIDE}`)
      expect(await askFrom(host.outside, HOST6, PORT, 'who\n')).toBe(OUTSIDE6)
      expect(await askFrom('/proc/self/ns/net', HOST6, PORT, 'who\n')).toBe(HOST6)
      expect(await askFrom('/proc/self/ns/net', '::1', PORT, 'who\n')).toBe('::1')
      expect(await askFrom('/proc/self/ns/net', '127.0.0.1', PORT, 'who\n')).toBe('::ffff:127.0.0.1')
    })

    test('by TCP, as far as it listens by the client’s protocol', async () => {
      expect(await askFrom(host.outside, HOST6, PORT4, 'who\n')).toBe('127.0.0.1')
      expect(await askFrom(host.outside, HOST, PORT4, 'who\n')).toBe(OUTSIDE)
      expect(await askFrom(host.outside, HOST6, PORT6, 'who\n')).toBe(OUTSIDE6)
    })

    test('by UDP, with its port', async () => {
      const same = (address: string) => new RegExp(`^hello from ${address} (\\d+) at \\1$`)
      expect(await askByUdp(host.outside, HOST, PORT)).toMatch(same(`::ffff:${OUTSIDE}`))
      expect(await askByUdp(host.outside, HOST6, PORT)).toMatch(same(OUTSIDE6))
      expect(await askByUdp(host.outside, HOST, PORT4)).toMatch(same(OUTSIDE))
      expect(await askByUdp(host.outside, HOST6, PORT4)).toMatch(/^hello from 127\.0\.0\.1 /)
      expect(await askByUdp('/proc/self/ns/net', '127.0.0.1', PORT4)).toMatch(/^hello from 127\.0\.0\.1 /)
      expect(await askByUdp('/proc/self/ns/net', '::1', PORT)).toMatch(/^hello from ::1 /)
    })
  })

  test('keep no datagrams inside but answers to clients', async () => {
    await askByUdp(host.outside, HOST, PORT)
    const pid = user.ok('inspect', '--format', '{{.State.Pid}}', 'server')
    const route = (address: string, port: number) =>
      host.sh(`ip route get ${address} ipproto udp sport ${port} 2>&1 || true`, `/proc/${pid}/ns/net`)
    expect(route(OUTSIDE, 8080)).toMatch(/^local /)
    expect(route(OUTSIDE, 8079)).not.toMatch(/^local /)
    expect(route('198.51.100.1', 8080)).not.toMatch(/^local /)
  })

  test('carry datagrams of many clients', async () => {
    const answers = await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const socket = createSocket('udp4')
        closing(() => socket.close())
        socket.send(`${index}`, PORT, '127.0.0.1')
        const [answer] = await once(socket, 'message', { signal: AbortSignal.timeout(5000) })
        return String(answer).split(' ')[0]
      }),
    )
    expect(answers).toEqual(Array.from({ length: 100 }, (_, index) => `${index}`))
  })
})
