import type { Kernel } from '../../kernel'

const EAFNOSUPPORT = 97
const EADDRNOTAVAIL = 99

type Listening = Pick<Kernel, 'openSocket' | 'bindSocket' | 'listenSocket' | 'close'>

/** Connections that may wait to be accepted; the kernel cuts it to net.core.somaxconn. */
export const BACKLOG = 4096

const listenAt = (kernel: Listening, protocol: 'tcp' | 'udp', address: string, port: number): number => {
  const fd = kernel.openSocket(protocol, address)
  if (fd < 0) return fd
  // `::` takes IPv4 as well; a single address never does.
  const bound = kernel.bindSocket(fd, { address, port }, { v6only: address !== '::' })
  const result = bound < 0 || protocol === 'udp' ? bound : kernel.listenSocket(fd, BACKLOG)
  if (result >= 0) return fd
  kernel.close(fd)
  return result
}

/**
 * A socket that holds a port of the host: on all addresses of both families when `hostIp` is empty, as Podman does it,
 * or of IPv4 alone where the kernel has no IPv6. Returns the descriptor or `-errno`.
 */
export const listenOn = (
  kernel: Listening,
  protocol: 'tcp' | 'udp',
  hostIp: string,
  port: number,
): number => {
  if (hostIp !== '') return listenAt(kernel, protocol, hostIp, port)
  const both = listenAt(kernel, protocol, '::', port)
  return both === -EAFNOSUPPORT || both === -EADDRNOTAVAIL
    ? listenAt(kernel, protocol, '0.0.0.0', port)
    : both
}
