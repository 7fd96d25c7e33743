import type { NamespaceKind } from '../../kernel'
import type { Arch } from '../../kernel/numbers'
import type { OciProcess, OciSpec } from '../../specgen/types'

/** A namespace, or several of one process, to enter. The descriptor is a namespace file or a pidfd. */
export interface Join {
  fd: number
  kinds: Exclude<NamespaceKind, 'mnt' | 'time'>[]
  /** The user namespace that owns them, which decides whether they are entered before or after it: the host's, or the container's own. */
  owner: 'host' | 'container'
}

/** What the container's root is made of. */
export type Rootfs =
  | {
      kind: 'overlay'
      /** The folder that the lower names are relative to: the kernel takes 4096 bytes of options. */
      layers: string
      /** Uppermost first. */
      lower: string[]
      upper: string
      work: string
      /** Overlay attributes as `user.overlay.*`, for mounts inside a user namespace. */
      userxattr: boolean
      /** Show the layers with owners shifted by the user namespace that this descriptor is of (Linux 5.19). */
      idmap?: number
    }
  /** A tmpfs that holds one program. */
  | {
      kind: 'program'
      name: string
      bytes: Uint8Array
      /** The host's ids of the container's root; 0 where missing. */
      owner?: { uid: number; gid: number }
    }
  | { kind: 'directory'; path: string }

export interface InitInput {
  arch: Arch
  spec: OciSpec
  rootfs: Rootfs
  /** An empty folder of the host that the root is mounted on, inside the container's mount namespace. */
  mountpoint: string
  joins: Join[]
  /** Files that `0` is written to, to enter the cgroup. */
  procsFiles: string[]
  /** BPF program of struct sock_filter. */
  seccompFilter?: Uint8Array
  /** Make the working folder where the image names one that it does not have. */
  createWorkdir: boolean
  /** We are in a user namespace, where no device can be made: the host's are bound. */
  bindDevices?: boolean
  /** Links to make in /dev. */
  deviceLinks: readonly (readonly [path: string, target: string])[]
  /** Standard streams that are pipes of ours, handed over to the container's user. */
  ownedStreams: number[]
  /** `--init`: the program stays as PID 1, and the command is its child. */
  reaper?: boolean
  /** Descriptors from 3 on that the command keeps. */
  preserveFds?: number
}

export interface ExecInput {
  arch: Arch
  process: OciProcess
  joins: Join[]
  procsFiles: string[]
  seccompFilter?: Uint8Array
  ownedStreams: number[]
  preserveFds?: number
}
