import { AT, CLONE, MNT, MS, O, UMOUNT_NOFOLLOW } from './constants'
import { Errno } from './errno'
import { checked, cstring, type RawKernel } from './raw'

export type NamespaceKind = 'mnt' | 'uts' | 'ipc' | 'net' | 'pid' | 'cgroup' | 'user' | 'time'

/** The clone(2) flag of each kind of namespace. */
export const namespaceFlag: Record<NamespaceKind, number> = {
  mnt: CLONE.NEWNS,
  uts: CLONE.NEWUTS,
  ipc: CLONE.NEWIPC,
  net: CLONE.NEWNET,
  pid: CLONE.NEWPID,
  cgroup: CLONE.NEWCGROUP,
  user: CLONE.NEWUSER,
  time: CLONE.NEWTIME,
}

export interface MountCalls {
  /** mount(2). `source` and `type` may be null as the flags allow. */
  mount(source: string | null, target: string, type: string | null, flags: number, data?: string): void
  /** umount2(2), lazily and without following links; false where nothing was mounted. */
  unmount(target: string): boolean
  /** Bind mounts a namespace file (`/proc/PID/ns/net`) on `path`, which is made. Keeps the namespace alive. */
  pinNamespace(file: string, path: string): void
}

export interface NamespaceCalls {
  /** unshare(2) of the main thread. Fails with EINVAL for a user namespace: Node has threads. */
  unshare(flags: number): void
  /** setns(2) of the main thread: `fd` is a namespace file, or a pidfd with the wanted CLONE_NEW* flags (Linux 5.8). */
  setns(fd: number, flags: number): void
  /**
   * Runs `act` with the main thread inside the network namespace of the open file `fd`, then comes back.
   * Sockets made inside stay there. `act` must be synchronous.
   */
  inNetworkNamespace<T>(fd: number, act: () => T): T
  /** Makes a new network namespace and pins it at `path`. The main thread stays where it is. */
  createNetworkNamespace(path: string): void
}

export const mountCalls = (raw: RawKernel): MountCalls => {
  const mount: MountCalls['mount'] = (source, target, type, flags, data) => {
    const result = raw.call(
      'mount',
      source === null ? null : cstring(source),
      cstring(target),
      type === null ? null : cstring(type),
      flags,
      data === undefined ? null : cstring(data),
    )
    checked(result, 'mount', target, `mount ${type ?? source ?? ''} on ${target}`)
  }
  return {
    mount,
    unmount: (target) => {
      const result = raw.call('umount2', cstring(target), MNT.DETACH | UMOUNT_NOFOLLOW)
      if (result === -Errno.EINVAL || result === -Errno.ENOENT) return false
      checked(result, 'umount2', target, `unmount ${target}`)
      return true
    },
    pinNamespace: (file, path) => {
      const fd = checked(
        raw.call('openat', AT.FDCWD, cstring(path), O.RDONLY | O.CREAT | O.EXCL | O.CLOEXEC, 0),
        'openat',
        path,
        `create ${path}`,
      )
      raw.call('close', fd)
      try {
        mount(file, path, null, MS.BIND)
      } catch (error) {
        raw.call('unlinkat', AT.FDCWD, cstring(path), 0)
        throw error
      }
    },
  }
}

const openOwn = (raw: RawKernel, kind: NamespaceKind): number =>
  checked(
    raw.call('openat', AT.FDCWD, cstring(`/proc/self/ns/${kind}`), O.RDONLY | O.CLOEXEC, 0),
    'openat',
    `/proc/self/ns/${kind}`,
  )

export const namespaceCalls = (raw: RawKernel, mounts: MountCalls): NamespaceCalls => {
  const unshare = (flags: number) => {
    checked(raw.call('unshare', flags), 'unshare', `0x${flags.toString(16)}`)
  }
  const setns = (fd: number, flags: number) => {
    checked(raw.call('setns', fd, flags), 'setns', `descriptor ${fd}`)
  }
  const returning = <T>(kind: NamespaceKind, act: () => T): T => {
    const home = openOwn(raw, kind)
    try {
      return act()
    } finally {
      setns(home, namespaceFlag[kind])
      raw.call('close', home)
    }
  }
  return {
    unshare,
    setns,
    inNetworkNamespace: (fd, act) =>
      returning('net', () => {
        setns(fd, CLONE.NEWNET)
        return act()
      }),
    createNetworkNamespace: (path) =>
      returning('net', () => {
        unshare(CLONE.NEWNET)
        mounts.pinNamespace('/proc/thread-self/ns/net', path)
      }),
  }
}
