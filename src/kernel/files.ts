import { AT, O } from './constants'
import { type EntryCalls, entryCalls, type KernelPath } from './entries'
import { Errno } from './errno'
import { flockAside } from './lock-waits'
import { checked, cstring, type RawKernel } from './raw'

export type { KernelPath } from './entries'

export interface FileCalls extends EntryCalls {
  /** openat2(2): opens `path` below `dirfd` with `resolve` rules (RESOLVE_*); the descriptor, or `-errno`. Linux 5.6. */
  openat2(dirfd: number, path: KernelPath, flags: number, mode: number, resolve: number): number
  /** openat(2); the descriptor. */
  openat(dirfd: number, path: KernelPath, flags: number, mode?: number): number
  /** close(2). */
  close(fd: number): void
  mkdirat(dirfd: number, path: KernelPath, mode: number): number
  mknodat(dirfd: number, path: KernelPath, mode: number, device: number): number
  symlinkat(target: KernelPath, dirfd: number, path: KernelPath): number
  /** linkat(2) without following links. */
  linkat(fromDir: number, from: KernelPath, toDir: number, to: KernelPath): number
  unlinkat(dirfd: number, path: KernelPath, flags: number): number
  /** fchownat(2) on the entry itself, links not followed. An empty path means `dirfd`. */
  fchownat(dirfd: number, path: KernelPath, uid: number, gid: number): number
  fchmod(fd: number, mode: number): number
  /** fchmodat(2); follows links, so the caller knows that the entry is none. */
  fchmodat(dirfd: number, path: KernelPath, mode: number): number
  /** utimensat(2) on the entry itself; seconds with a fraction. An empty path means `dirfd`. */
  utimensat(dirfd: number, path: KernelPath, accessed: number, modified: number): number
  fsetxattr(fd: number, name: KernelPath, value: Uint8Array): number
  /** lsetxattr(2) on a path, links not followed. */
  lsetxattr(path: KernelPath, name: KernelPath, value: Uint8Array): number
  lgetxattr(path: KernelPath, name: KernelPath): Buffer | undefined
  llistxattr(path: KernelPath): string[]
  ftruncate(fd: number, size: number): number
  /** flock(2); 0 or `-errno`. */
  flock(fd: number, operation: number): number
  /** The same on a thread of the pool, for what is held by others. Some wait at a time: see `lock-waits.ts`. */
  flockAside(fd: number, operation: number): Promise<number>
  /** fcntl(2) with an integer argument. */
  fcntl(fd: number, command: number, value: number): number
  /** memfd_create(2); the descriptor or `-errno`. */
  memfdCreate(name: string, flags: number): number
  /** statfs(2)'s f_type and block figures, in bytes. */
  statfs(path: string): { type: number; blockSize: number; blocks: number; free: number; available: number }
}

const timespecs = (...seconds: number[]): Buffer => {
  const bytes = Buffer.alloc(16 * seconds.length)
  seconds.forEach((value, index) => {
    const whole = Math.floor(value)
    bytes.writeBigInt64LE(BigInt(whole), index * 16)
    bytes.writeBigInt64LE(BigInt(Math.round((value - whole) * 1e9) % 1_000_000_000), index * 16 + 8)
  })
  return bytes
}

/** struct open_how of openat2(2). */
export const openHow = (flags: number, mode: number, resolve: number): Buffer => {
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(BigInt(flags), 0)
  how.writeBigUInt64LE(BigInt(mode), 8)
  how.writeBigUInt64LE(BigInt(resolve), 16)
  return how
}

const readStatfs = (raw: RawKernel, path: string) => {
  const bytes = Buffer.alloc(120)
  checked(raw.call('statfs', cstring(path), bytes), 'statfs', path)
  const field = (index: number) => Number(bytes.readBigInt64LE(index * 8))
  const blockSize = field(1)
  return {
    type: field(0),
    blockSize,
    blocks: field(2) * blockSize,
    free: field(3) * blockSize,
    available: field(4) * blockSize,
  }
}

const readXattr = (raw: RawKernel, path: KernelPath, name: KernelPath): Buffer | undefined => {
  const size = raw.call('lgetxattr', cstring(path), cstring(name), null, 0)
  if (size < 0) return undefined
  const value = Buffer.alloc(Math.max(size, 1))
  const read = raw.call('lgetxattr', cstring(path), cstring(name), value, size)
  return read < 0 ? undefined : value.subarray(0, read)
}

const listXattrs = (raw: RawKernel, path: KernelPath): string[] => {
  const size = raw.call('llistxattr', cstring(path), null, 0)
  if (size <= 0) return []
  const names = Buffer.alloc(size)
  const read = raw.call('llistxattr', cstring(path), names, size)
  return read <= 0
    ? []
    : names
        .subarray(0, read - 1)
        .toString('latin1')
        .split('\0')
}

const attributeCalls = (raw: RawKernel) => ({
  fchownat: (dirfd: number, path: KernelPath, uid: number, gid: number) =>
    raw.call(
      'fchownat',
      dirfd,
      cstring(path),
      uid,
      gid,
      AT.SYMLINK_NOFOLLOW | (path.length ? 0 : AT.EMPTY_PATH),
    ),
  fchmod: (fd: number, mode: number) => raw.call('fchmod', fd, mode),
  fchmodat: (dirfd: number, path: KernelPath, mode: number) =>
    raw.call('fchmodat', dirfd, cstring(path), mode),
  utimensat: (dirfd: number, path: KernelPath, accessed: number, modified: number) =>
    path.length
      ? raw.call('utimensat', dirfd, cstring(path), timespecs(accessed, modified), AT.SYMLINK_NOFOLLOW)
      : raw.call('utimensat', dirfd, null, timespecs(accessed, modified), 0),
  fsetxattr: (fd: number, name: KernelPath, value: Uint8Array) =>
    raw.call('fsetxattr', fd, cstring(name), value, value.length, 0),
  lsetxattr: (path: KernelPath, name: KernelPath, value: Uint8Array) =>
    raw.call('lsetxattr', cstring(path), cstring(name), value, value.length, 0),
  lgetxattr: (path: KernelPath, name: KernelPath) => readXattr(raw, path, name),
  llistxattr: (path: KernelPath) => listXattrs(raw, path),
})

export const fileCalls = (raw: RawKernel): FileCalls => ({
  ...attributeCalls(raw),
  ...entryCalls(raw),
  openat2: (dirfd, path, flags, mode, resolve) =>
    raw.call('openat2', dirfd, cstring(path), openHow(flags | O.CLOEXEC, mode, resolve), 24),
  openat: (dirfd, path, flags, mode = 0) =>
    checked(
      raw.call('openat', dirfd, cstring(path), flags | O.CLOEXEC, mode),
      'openat',
      String(path),
      `open ${path}`,
    ),
  close: (fd) => {
    raw.call('close', fd)
  },
  mkdirat: (dirfd, path, mode) => raw.call('mkdirat', dirfd, cstring(path), mode),
  mknodat: (dirfd, path, mode, device) => raw.call('mknodat', dirfd, cstring(path), mode, device),
  symlinkat: (target, dirfd, path) => raw.call('symlinkat', cstring(target), dirfd, cstring(path)),
  linkat: (fromDir, from, toDir, to) => raw.call('linkat', fromDir, cstring(from), toDir, cstring(to), 0),
  unlinkat: (dirfd, path, flags) => raw.call('unlinkat', dirfd, cstring(path), flags),
  ftruncate: (fd, size) => raw.call('ftruncate', fd, size),
  flock: (fd, operation) => {
    let result = raw.call('flock', fd, operation)
    while (result === -Errno.EINTR) result = raw.call('flock', fd, operation)
    return result
  },
  flockAside: flockAside(raw),
  fcntl: (fd, command, value) => raw.call('fcntl', fd, command, value),
  memfdCreate: (name, flags) => raw.call('memfd_create', cstring(name), flags),
  statfs: (path) => readStatfs(raw, path),
})
