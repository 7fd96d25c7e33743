import { SOCK } from './constants'
import { Errno } from './errno'
import { formatIp, parseIp } from './ip'
import { AF } from './netlink-messages'
import { checked, type RawKernel } from './raw'

export interface SocketAddress {
  address: string
  port: number
}

export interface SocketCalls {
  /**
   * socket(2): a non-blocking, close-on-exec socket of the network namespace that the main thread is in, for an
   * address of the family of `address`. Returns the descriptor or `-errno`.
   */
  openSocket(protocol: 'tcp' | 'udp', address: string): number
  /** bind(2); 0 or `-errno`. TCP ports may be in TIME_WAIT; `::` takes IPv4 as well unless `v6only`. */
  bindSocket(fd: number, to: SocketAddress, options?: { v6only?: boolean }): number
  /**
   * Binds to an address that need not be ours, and marks the socket's packets (IP_TRANSPARENT, SO_MARK): with
   * `Netlink.claimMarked`, a peer inside the same namespace answers to it. Port 0 is one that is free towards the peer.
   * 0 or `-errno`.
   */
  bindForeign(fd: number, to: SocketAddress, mark: number): number
  /** listen(2); 0 or `-errno`. */
  listenSocket(fd: number, backlog: number): number
  /** connect(2), not waiting: 0, `-EINPROGRESS` or another `-errno`. */
  connectSocket(fd: number, to: SocketAddress): number
  /** send(2), not waiting and without SIGPIPE: how many bytes were taken, or `-errno`. */
  sendSocket(fd: number, bytes: Uint8Array, length: number): number
  /** The error that a socket has met meanwhile (SO_ERROR), as `-errno`, or 0; it is told once. */
  socketError(fd: number): number
  /** getsockname(2): the address that a socket is bound to. */
  socketAddress(fd: number): SocketAddress
}

const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const SO_TYPE = 3
const SO_ERROR = 4
const SO_MARK = 36
const IPPROTO_IP = 0
const IP_TRANSPARENT = 19
const IP_BIND_ADDRESS_NO_PORT = 24
const MSG_DONTWAIT = 0x40
const MSG_NOSIGNAL = 0x4000
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const IPV6_TRANSPARENT = 75

const encode = ({ address, port }: SocketAddress): Buffer => {
  const ip = parseIp(address)
  // `::ffff:1.2.3.4` is parsed as IPv4, so the family of an address in text is told by its colons.
  const v6 = address.includes(':')
  const bytes = Buffer.alloc(v6 ? 28 : 16)
  bytes.writeUInt16LE(v6 ? AF.INET6 : AF.INET, 0)
  bytes.writeUInt16BE(port, 2)
  if (!ip) return bytes
  if (!v6) bytes.set(ip, 4)
  else if (ip.length === 16) bytes.set(ip, 8)
  else bytes.set([0xff, 0xff, ...ip], 18)
  return bytes
}

const decode = (bytes: Buffer): SocketAddress => {
  const v6 = bytes.readUInt16LE(0) === AF.INET6
  return { address: formatIp(v6 ? bytes.subarray(8, 24) : bytes.subarray(4, 8)), port: bytes.readUInt16BE(2) }
}

export const socketCalls = (raw: RawKernel): SocketCalls => {
  const option = (fd: number, level: number, name: number, value: number) => {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32LE(value)
    return raw.call('setsockopt', fd, level, name, bytes, 4)
  }
  const isStream = (fd: number): boolean => {
    const value = Buffer.alloc(4)
    const length = Buffer.from([4, 0, 0, 0])
    return raw.call('getsockopt', fd, SOL_SOCKET, SO_TYPE, value, length) === 0 && value[0] === SOCK.STREAM
  }
  return {
    openSocket: (protocol, address) => {
      const type = (protocol === 'tcp' ? SOCK.STREAM : SOCK.DGRAM) | SOCK.NONBLOCK | SOCK.CLOEXEC
      return raw.call('socket', address.includes(':') ? AF.INET6 : AF.INET, type, 0)
    },
    bindSocket: (fd, to, options = {}) => {
      if (!parseIp(to.address)) return -Errno.EINVAL
      if (isStream(fd)) option(fd, SOL_SOCKET, SO_REUSEADDR, 1)
      if (to.address.includes(':')) option(fd, IPPROTO_IPV6, IPV6_V6ONLY, options.v6only ? 1 : 0)
      const bytes = encode(to)
      return raw.call('bind', fd, bytes, bytes.length)
    },
    bindForeign: (fd, to, mark) => {
      const marked = option(fd, SOL_SOCKET, SO_MARK, mark)
      const [level, name] = to.address.includes(':')
        ? [IPPROTO_IPV6, IPV6_TRANSPARENT]
        : [IPPROTO_IP, IP_TRANSPARENT]
      const result = marked < 0 ? marked : option(fd, level, name, 1)
      if (result < 0) return result
      // Without a port it is chosen with the peer known, so that as many fit as there are ports for each peer; with one,
      // the client may talk to several ports of ours from it.
      if (to.port === 0) option(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
      else option(fd, SOL_SOCKET, SO_REUSEADDR, 1)
      const bytes = encode(to)
      return raw.call('bind', fd, bytes, bytes.length)
    },
    listenSocket: (fd, backlog) => raw.call('listen', fd, backlog),
    connectSocket: (fd, to) => {
      if (!parseIp(to.address)) return -Errno.EINVAL
      const bytes = encode(to)
      return raw.call('connect', fd, bytes, bytes.length)
    },
    sendSocket: (fd, bytes, length) =>
      raw.call('sendto', fd, bytes, length, MSG_DONTWAIT | MSG_NOSIGNAL, null, 0),
    socketError: (fd) => {
      const value = Buffer.alloc(4)
      const result = raw.call('getsockopt', fd, SOL_SOCKET, SO_ERROR, value, Buffer.from([4, 0, 0, 0]))
      return result < 0 ? result : -value.readInt32LE(0)
    },
    socketAddress: (fd) => {
      const bytes = Buffer.alloc(28)
      const length = Buffer.from([28, 0, 0, 0])
      checked(raw.call('getsockname', fd, bytes, length), 'getsockname', `descriptor ${fd}`)
      return decode(bytes)
    },
  }
}
