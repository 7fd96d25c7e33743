import { execFile, execFileSync } from 'node:child_process'
import { createSocket, type Socket as DatagramSocket, type RemoteInfo } from 'node:dgram'
import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type Kernel, openKernel, type SocketAddress } from '../../../src/kernel'
import { CLONE } from '../../../src/kernel/constants'
import type { NetworkHome } from '../../../src/network'
import { needPrograms } from '../harness/need'
import { findProgram } from '../harness/rootfs'

/** Address of the host, its router, and a machine beyond the host that knows no way back to containers. */
export const HOST = '192.0.2.1'
export const HOST6 = '2001:db8::1'
export const OUTSIDE = '192.0.2.254'
export const OUTSIDE6 = '2001:db8::254'

const NEEDED = ['ip', 'nft', 'ping']
/** Whether this machine has what these tests build their host with; without it they are skipped. */
export const canMakeHost = NEEDED.every(findProgram)

export interface Host {
  kernel: Kernel
  home: NetworkHome
  /** Path of the namespace of a machine beyond the host. */
  outside: string
  /** Runs a program, in a namespace where one is given, and gives what it prints. */
  sh(command: string, namespace?: string): string
  /** What the ids of all owners begin with. */
  mark: string
  /** An id of an owner, a new one at each call. */
  owner(): string
  /** Gives `home` folders in which nothing was ever set up. */
  fresh(): void
}

const shell = (command: string, namespace?: string): string => {
  const enter = namespace ? ['nsenter', `--net=${namespace}`] : []
  const [program = 'sh', ...args] = [...enter, 'sh', '-c', command]
  return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
}

/**
 * A host of one's own: the worker moves into a new network namespace, with a card to a second one. Nothing that
 * happens in it touches the machine's real network.
 */
export const useHost = (): Host => {
  const kernel = openKernel()
  const folder = mkdtempSync(join(tmpdir(), 'tspod-network-'))
  const outside = join(folder, 'outside')
  const before = openSync('/proc/self/ns/net', 'r')
  const mark = process.pid.toString(16).padStart(6, '0')
  let number = 0
  let homes = 0
  const host: Host = {
    kernel,
    home: { kernel, root: join(folder, 'root'), runroot: join(folder, 'run') },
    outside,
    sh: shell,
    fresh: () => {
      homes += 1
      Object.assign(host.home, { root: join(folder, `root${homes}`), runroot: join(folder, `run${homes}`) })
      mkdirSync(host.home.root)
    },
    mark,
    owner: () => `${mark}${(++number).toString(16).padStart(2, '0')}`.repeat(8),
  }
  beforeEach((context) => needPrograms(context, ...NEEDED))
  beforeAll(() => {
    if (!canMakeHost) return
    kernel.createNetworkNamespace(outside)
    kernel.unshare(CLONE.NEWNET)
    shell('ip link set lo up; ip link add eth0 type veth peer name up0')
    shell(`ip link set up0 netns ${outside}; ip addr add ${HOST}/24 dev eth0; ip link set eth0 up`)
    shell(`ip addr add ${OUTSIDE}/24 dev up0; ip link set up0 up; ip link set lo up`, outside)
    shell(`ip route add default via ${OUTSIDE}; ip -6 addr add ${HOST6}/64 dev eth0 nodad`)
    shell(`ip -6 addr add ${OUTSIDE6}/64 dev up0 nodad`, outside)
  })
  afterAll(() => {
    kernel.setns(before, CLONE.NEWNET)
    closeSync(before)
    if (canMakeHost) kernel.unmount(outside)
    rmSync(folder, { recursive: true, force: true })
  })
  return host
}

/** Servers and other things that end with the test. */
export const useClosing = (): ((close: () => void) => void) => {
  const closers: (() => void)[] = []
  afterEach(() => {
    for (const close of closers.splice(0).reverse()) close()
  })
  return (close) => closers.push(close)
}

const socketInside = (
  kernel: Kernel,
  namespace: string,
  protocol: 'tcp' | 'udp',
  at: SocketAddress,
): number => {
  const file = openSync(namespace, 'r')
  const fd = kernel.inNetworkNamespace(file, () => kernel.openSocket(protocol, at.address))
  closeSync(file)
  if (kernel.bindSocket(fd, at) < 0) throw new Error(`can't bind ${at.address} ${at.port}`)
  return fd
}

/** A TCP server on an address inside a namespace. */
export const serveInside = (
  kernel: Kernel,
  namespace: string,
  at: SocketAddress,
  serve: (socket: Socket) => void,
): Server => {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined)
    serve(socket)
  })
  return server.listen({ fd: socketInside(kernel, namespace, 'tcp', at) }, 4096)
}

/** A UDP server on an address inside a namespace, which answers each datagram with `answer`. */
export const serveDatagramsInside = (
  kernel: Kernel,
  namespace: string,
  at: SocketAddress,
  answer: (datagram: Buffer, client: RemoteInfo) => string,
): DatagramSocket => {
  const fd = socketInside(kernel, namespace, 'udp', at)
  const socket = createSocket('udp4')
  socket.on('message', (datagram, client) =>
    socket.send(answer(datagram, client), client.port, client.address),
  )
  return socket.bind({ fd })
}

const CLIENT = `
  const socket = require('node:net').connect({ host: process.argv[1], port: +process.argv[2], allowHalfOpen: true })
  socket.on('data', (bytes) => process.stdout.write(bytes)).on('end', () => socket.end())
  socket.on('error', (error) => { process.stdout.write(error.code); process.exit() }).end(process.argv[3])
  setTimeout(() => process.exit(), 3000).unref()`

/** What a server answers to a client in a namespace, or the errno of the failure. The test's own process goes on. */
export const askFrom = async (
  namespace: string,
  address: string,
  port: number,
  question = '',
): Promise<string> => {
  const args = [`--net=${namespace}`, process.execPath, '-e', CLIENT, address, `${port}`, question]
  return (await promisify(execFile)('nsenter', args)).stdout
}

/** Sends a datagram from a namespace. */
export const sendFrom = async (
  namespace: string,
  address: string,
  port: number,
  text: string,
): Promise<void> => {
  const send = `const socket = require('node:dgram').createSocket('udp4')
    socket.send('${text}', ${port}, '${address}', () => socket.close())`
  await promisify(execFile)('nsenter', [`--net=${namespace}`, process.execPath, '-e', send])
}
