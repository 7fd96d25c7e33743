import { AF_UNIX, F_SETFL, F_SETOWN, F_SETSIG, O, SOCK } from './constants'
import { checked, type RawKernel } from './raw'

/** A message with descriptors (SCM_RIGHTS), which are close-on-exec. */
export interface UnixMessage {
  descriptors: number[]
  /** At most 8 bytes. */
  data: Buffer
}

export interface UnixPeer {
  uid: number
  gid: number
  groups: number[]
}

export interface UnixSocketCalls {
  /** socketpair(2): two connected, close-on-exec sockets. */
  unixPair(type: 'stream' | 'seqpacket'): { ours: number; theirs: number }
  /**
   * A listening, close-on-exec stream socket at `path`, where nothing may be; the descriptor. One connection may wait to
   * be accepted, further ones are refused.
   */
  listenUnix(path: string): number
  /** accept4(2), waiting; the descriptor, or undefined where the peer has gone already. */
  acceptUnix(fd: number): number | undefined
  /** connect(2) to the socket at `path`; undefined where nobody listens there, or another one waits. */
  connectUnix(path: string): number | undefined
  /** Who connected, by the ids of our user namespace (SO_PEERCRED, SO_PEERGROUPS). */
  unixPeer(fd: number): UnixPeer
  /** The next message. */
  receiveUnix(fd: number): UnixMessage
  /** Whether a signal is sent to this process when the peer says something or goes (F_SETSIG, O_ASYNC). */
  signalOnInput(fd: number, signal: number, on: boolean): void
}

const SOL_SOCKET = 1
const SO_PEERCRED = 17
const SO_PEERGROUPS = 59
/** NGROUPS_MAX */
const MOST_GROUPS = 65536
// as many as wait beside the first one
const BACKLOG = 0
const MSG_CMSG_CLOEXEC = 0x40000000
const CMSG_BYTES = 16
// struct msghdr, its iovec, a word of data, and a cmsghdr with up to 60 descriptors, in one piece of memory.
const Layout = { header: 0, vector: 56, data: 72, control: 80, controlBytes: 256 } as const

/** struct sockaddr_un of a path. Source: unix(7). */
export const unixAddress = (path: string): Buffer => {
  const address = Buffer.alloc(2 + Buffer.byteLength(path) + 1)
  address.writeUInt16LE(AF_UNIX)
  address.write(path, 2)
  return address
}

const newMessage = (raw: RawKernel): Buffer => {
  // of a size that is never kept inside V8's heap, where it could be moved
  const memory = Buffer.alloc(4096)
  const base = raw.address(memory)
  memory.writeBigUInt64LE(base + BigInt(Layout.data), Layout.vector)
  memory.writeBigUInt64LE(8n, Layout.vector + 8)
  memory.writeBigUInt64LE(base + BigInt(Layout.vector), 16)
  memory.writeBigUInt64LE(1n, 24)
  memory.writeBigUInt64LE(base + BigInt(Layout.control), 32)
  memory.writeBigUInt64LE(BigInt(Layout.controlBytes), 40)
  return memory
}

export const unixSocketCalls = (raw: RawKernel): UnixSocketCalls => {
  const open = (flags = 0) =>
    checked(raw.call('socket', AF_UNIX, SOCK.STREAM | SOCK.CLOEXEC | flags, 0), 'socket', 'unix')
  return {
    unixPair: (type) => {
      const pair = Buffer.alloc(8)
      const kind = (type === 'stream' ? SOCK.STREAM : SOCK.SEQPACKET) | SOCK.CLOEXEC
      checked(raw.call('socketpair', AF_UNIX, kind, 0, pair), 'socketpair', 'unix')
      return { ours: pair.readInt32LE(0), theirs: pair.readInt32LE(4) }
    },
    listenUnix: (path) => {
      const fd = open()
      const address = unixAddress(path)
      checked(raw.call('bind', fd, address, address.length), 'bind', path)
      checked(raw.call('listen', fd, BACKLOG), 'listen', path)
      return fd
    },
    acceptUnix: (fd) => {
      const accepted = raw.call('accept4', fd, null, null, SOCK.CLOEXEC)
      return accepted < 0 ? undefined : accepted
    },
    connectUnix: (path) => {
      const fd = open(SOCK.NONBLOCK)
      const address = unixAddress(path)
      if (raw.call('connect', fd, address, address.length) === 0) return fd
      raw.call('close', fd)
      return undefined
    },
    unixPeer: (fd) => {
      const option = (name: number, bytes: number) => {
        const value = Buffer.alloc(bytes)
        const length = Buffer.alloc(4)
        length.writeUInt32LE(bytes)
        checked(raw.call('getsockopt', fd, SOL_SOCKET, name, value, length), 'getsockopt', 'unix')
        return value.subarray(0, length.readUInt32LE())
      }
      const credentials = option(SO_PEERCRED, 12)
      const groups = option(SO_PEERGROUPS, MOST_GROUPS * 4)
      return {
        uid: credentials.readUInt32LE(4),
        gid: credentials.readUInt32LE(8),
        groups: Array.from({ length: groups.length / 4 }, (_, index) => groups.readUInt32LE(index * 4)),
      }
    },
    receiveUnix: (fd) => {
      const memory = newMessage(raw)
      const result = raw.call('recvmsg', fd, memory, MSG_CMSG_CLOEXEC)
      const data = memory.subarray(Layout.data, Layout.data + Math.max(result, 0))
      // the length of what came with it, which is zero where nothing did
      const length = Number(memory.readBigUInt64LE(Layout.control))
      const descriptors: number[] = []
      for (let at = CMSG_BYTES; at + 4 <= length; at += 4)
        descriptors.push(memory.readInt32LE(Layout.control + at))
      return { descriptors, data }
    },
    signalOnInput: (fd, signal, on) => {
      checked(raw.call('fcntl', fd, F_SETOWN, process.pid), 'fcntl', 'F_SETOWN')
      checked(raw.call('fcntl', fd, F_SETSIG, signal), 'fcntl', 'F_SETSIG')
      checked(raw.call('fcntl', fd, F_SETFL, O.RDWR | (on ? O.ASYNC : 0)), 'fcntl', 'O_ASYNC')
    },
  }
}
