import { AF_UNIX, F_SETFL, F_SETOWN, F_SETSIG, O, SOCK } from './constants'
import { checked, type RawKernel } from './raw'

export interface UnixPeer {
  /** 0 where it is in no PID namespace of ours. */
  pid: number
  uid: number
}

export interface UnixSocketCalls {
  /** A listening, close-on-exec stream socket at `path`, where nothing may be; the descriptor. */
  listenUnix(path: string): number
  /** accept4(2), waiting; the descriptor, or undefined where the peer has gone already. */
  acceptUnix(fd: number): number | undefined
  /** connect(2) to the socket at `path`; undefined where nobody listens there. */
  connectUnix(path: string): number | undefined
  /** Who connected (SO_PEERCRED). */
  unixPeer(fd: number): UnixPeer
  /** The descriptors of the next message (SCM_RIGHTS), close-on-exec. */
  receiveDescriptors(fd: number): number[]
  /** Whether a signal is sent to this process when the peer says something or goes (F_SETSIG, O_ASYNC). */
  signalOnInput(fd: number, signal: number, on: boolean): void
}

const SOL_SOCKET = 1
const SO_PEERCRED = 17
const BACKLOG = 16
const MSG_CMSG_CLOEXEC = 0x40000000
// struct msghdr, its iovec, one byte of text, and a cmsghdr with up to four descriptors, in one piece of memory.
const Layout = { header: 0, vector: 56, text: 72, control: 80, controlBytes: 32 } as const

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
  memory.writeBigUInt64LE(base + BigInt(Layout.text), Layout.vector)
  memory.writeBigUInt64LE(1n, Layout.vector + 8)
  memory.writeBigUInt64LE(base + BigInt(Layout.vector), 16)
  memory.writeBigUInt64LE(1n, 24)
  memory.writeBigUInt64LE(base + BigInt(Layout.control), 32)
  memory.writeBigUInt64LE(BigInt(Layout.controlBytes), 40)
  return memory
}

export const unixSocketCalls = (raw: RawKernel): UnixSocketCalls => {
  const open = () => checked(raw.call('socket', AF_UNIX, SOCK.STREAM | SOCK.CLOEXEC, 0), 'socket', 'unix')
  return {
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
      const fd = open()
      const address = unixAddress(path)
      if (raw.call('connect', fd, address, address.length) === 0) return fd
      raw.call('close', fd)
      return undefined
    },
    unixPeer: (fd) => {
      const credentials = Buffer.alloc(12)
      const length = Buffer.from([12, 0, 0, 0])
      const result = raw.call('getsockopt', fd, SOL_SOCKET, SO_PEERCRED, credentials, length)
      checked(result, 'getsockopt', 'SO_PEERCRED')
      return { pid: credentials.readInt32LE(0), uid: credentials.readUInt32LE(4) }
    },
    receiveDescriptors: (fd) => {
      const memory = newMessage(raw)
      const result = raw.call('recvmsg', fd, memory, MSG_CMSG_CLOEXEC)
      if (result <= 0) return []
      // zero where none came
      const length = Number(memory.readBigUInt64LE(Layout.control))
      const descriptors: number[] = []
      for (let at = 16; at + 4 <= length; at += 4) descriptors.push(memory.readInt32LE(Layout.control + at))
      return descriptors
    },
    signalOnInput: (fd, signal, on) => {
      checked(raw.call('fcntl', fd, F_SETOWN, process.pid), 'fcntl', 'F_SETOWN')
      checked(raw.call('fcntl', fd, F_SETSIG, signal), 'fcntl', 'F_SETSIG')
      checked(raw.call('fcntl', fd, F_SETFL, O.RDWR | (on ? O.ASYNC : 0)), 'fcntl', 'O_ASYNC')
    },
  }
}
