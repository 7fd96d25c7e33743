import type { Kernel } from '../../kernel'
import type { PortMapping } from '../../state/types'

export interface RelayRequest {
  kernel: Pick<
    Kernel,
    'inNetworkNamespace' | 'openSocket' | 'bindSocket' | 'listenSocket' | 'connectSocket' | 'close'
  >
  /** Path of the pinned namespace, or of a process's `/proc/PID/ns/net`. */
  namespace: string
  ports: readonly PortMapping[]
  /** Where the applications listen: the namespace's own addresses; loopback where it has no card. */
  targets: readonly string[]
}

/** Forwarding from the host's ports into one network namespace, for as long as it is open. */
export interface Relay {
  /** Connections and UDP flows at this moment. */
  readonly active: number
  /** Stops listening and ends all connections. */
  close(): void
}
