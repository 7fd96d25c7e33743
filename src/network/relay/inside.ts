import { closeSync, openSync } from 'node:fs'
import type { Inside, RelayKernel } from './types'

const EINPROGRESS = 115

/**
 * A socket belongs for good to the namespace that the thread was in when it was made; only for that one call does the
 * thread go inside.
 */
export const openInside = (kernel: RelayKernel, namespace: string, target: string): Inside => {
  const file = openSync(namespace, 'r')
  return {
    connect: (protocol, port) => {
      const fd = kernel.inNetworkNamespace(file, () => kernel.openSocket(protocol, target))
      if (fd < 0) return fd
      const result = kernel.connectSocket(fd, { address: target, port })
      if (result >= 0 || result === -EINPROGRESS) return fd
      kernel.close(fd)
      return result
    },
    close: () => closeSync(file),
  }
}
