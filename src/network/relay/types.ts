import type { Kernel, SocketAddress } from '../../kernel'
import type { PortMapping } from '../../state/types'

/** What the relay needs of the kernel. */
export type RelayKernel = Pick<
  Kernel,
  | 'inNetworkNamespace'
  | 'openSocket'
  | 'bindSocket'
  | 'listenSocket'
  | 'connectSocket'
  | 'sendSocket'
  | 'socketAddress'
  | 'socketError'
  | 'releaseMemory'
  | 'close'
>

export interface RelayRequest {
  kernel: RelayKernel
  /** Path of the pinned namespace, or `/proc/PID/ns/net`. */
  namespace: string
  ports: readonly PortMapping[]
  /**
   * Address inside that connections go to: the namespace's own, as address translation does it, so that a program which
   * listens on that address alone is reached too; loopback where the namespace has no card.
   */
  target: string
  /** How sockets are made inside, where the thread can't go in and come back. */
  inside?: Inside
  /** Who carries connections that move much; without it the relay does. Closed with the relay. */
  splicer?: Splicer
}

/** Carries connections outside of this process. */
export interface Splicer {
  /**
   * Takes over two connected sockets: the caller may not use them any more, and closes them at once. `ended` is called
   * when the connection is over. Returns what cuts it off, or undefined where the caller has to go on by itself.
   */
  take(one: number, other: number, ended: () => void): (() => void) | undefined
  close(): void
}

/** Forwarding from ports of the host into one network namespace, for as long as it is open. */
export interface Relay {
  /** TCP connections and UDP flows at this moment. */
  readonly active: number
  /** Stops listening, and ends all connections. May be repeated. */
  close(): void
}

/** Makes sockets in the pod's network namespace, connected (or connecting) to one of its ports. */
export interface Inside {
  /** A descriptor, or `-errno`. `client` tells whom it is for, where that can be passed on. */
  connect(protocol: 'tcp' | 'udp', port: number, client?: () => SocketAddress | undefined): number
  /** Hears that a UDP socket is closed. */
  release?(fd: number): void
  close(): void
}
