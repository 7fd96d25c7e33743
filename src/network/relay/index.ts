import { TspodError } from '../../errors'
import { errnoName, errnoText } from '../../kernel/errno'
import type { PortMapping } from '../../state/types'
import { openInside } from './inside'
import { listenOn } from './listen'
import { openTcpRelay } from './tcp'
import type { Relay, RelayKernel, RelayRequest } from './types'
import { openUdpRelay } from './udp'

interface Listener {
  fd: number
  protocol: 'tcp' | 'udp'
  /** Port inside. */
  port: number
}

const listenOne = (
  kernel: RelayKernel,
  mapping: PortMapping,
  protocol: 'tcp' | 'udp',
  port: number,
): number => {
  const fd = listenOn(kernel, protocol, mapping.hostIp, port)
  if (fd >= 0) return fd
  const text = `${mapping.hostIp || '0.0.0.0'}:${port}/${protocol}`
  throw new TspodError('in-use', `cannot publish ${text}: ${errnoText(-fd)}`, {
    call: 'bind',
    errno: errnoName(-fd),
    object: text,
  })
}

/** All listening sockets or, where one of them can't be had, none and the error. */
const listenAll = (kernel: RelayKernel, ports: readonly PortMapping[]): Listener[] => {
  const listeners: Listener[] = []
  try {
    for (const mapping of ports) {
      const { protocol, hostPort, containerPort, range } = mapping
      // Node has no SCTP: address translation alone carries it.
      if (protocol === 'sctp') continue
      for (let step = 0; step < range; step++) {
        const fd = listenOne(kernel, mapping, protocol, hostPort + step)
        listeners.push({ fd, protocol, port: containerPort + step })
      }
    }
    return listeners
  } catch (error) {
    for (const { fd } of listeners) kernel.close(fd)
    throw error
  }
}

/**
 * Listens on the host's published ports and forwards into a network namespace. It always listens, also where nftables
 * translates: that reserves the ports, and serves what can't be translated (`::1`, IPv6). Ports are taken when it
 * returns; a busy one is an error that names it, and leaves nothing open.
 */
export const openRelay = ({ kernel, namespace, ports, target, ...request }: RelayRequest): Relay => {
  const inside = request.inside ?? openInside(kernel, namespace, target)
  try {
    const listeners = listenAll(kernel, ports)
    const tcp = openTcpRelay(kernel, inside, request.splicer)
    const udp = openUdpRelay(kernel, inside)
    for (const { fd, protocol, port } of listeners) (protocol === 'tcp' ? tcp : udp).serve(fd, port)
    let closed = false
    return {
      get active() {
        return tcp.active + udp.active
      },
      close: () => {
        if (closed) return
        closed = true
        tcp.close()
        udp.close()
        inside.close()
        request.splicer?.close()
      },
    }
  } catch (error) {
    inside.close()
    throw error
  }
}

export type { Inside, Relay, RelayRequest, Splicer } from './types'
