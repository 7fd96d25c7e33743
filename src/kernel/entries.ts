import { AT, O, RESOLVE, S } from './constants'
import { Errno } from './errno'
import { checked, cstring, type RawKernel, syscallError } from './raw'

/** A path as text or as raw bytes, for names that are not UTF-8. */
export type KernelPath = string | Uint8Array

export interface EntryStatus {
  /** Type and permissions: compare with `S.IFMT`. */
  mode: number
  uid: number
  gid: number
  size: number
  links: number
  inode: bigint
  /** Of a device node. */
  major: number
  minor: number
  /** Of the file system that holds it. */
  device: string
  seconds: number
  nanoseconds: number
}

export interface DirectoryEntry {
  name: Buffer
  /** `S.IFDIR` and the like, 0 where the file system does not say. */
  type: number
}

export interface EntryCalls {
  /** statx(2) without following a link; undefined where there is nothing. An empty path means `dirfd` itself. */
  statAt(dirfd: number, path: KernelPath): EntryStatus | undefined
  /** readlinkat(2); undefined where there is no link. */
  readlinkat(dirfd: number, path: KernelPath): Buffer | undefined
  /** renameat2(2); 0 or `-errno`. */
  renameat(fromDir: number, from: KernelPath, toDir: number, to: KernelPath, flags?: number): number
  /** Names in an open folder, without `.` and `..`. The descriptor is read to its end. */
  readDirectory(dirfd: number): DirectoryEntry[]
  /**
   * Removes an entry and all below it without following links, however deep; nothing there is fine. Never leaves
   * `dirfd`, so it is safe on what a hostile archive or container made.
   */
  removeTree(dirfd: number, path: KernelPath): void
  /** write(2) until all is written, at the descriptor's position or at `offset`. `object` is named in errors. */
  writeFully(fd: number, bytes: Uint8Array, object: string, offset?: number): void
  /** utimensat(2) with whole nanoseconds on the entry itself, both times alike. An empty path means `dirfd`. */
  setTimes(dirfd: number, path: KernelPath, seconds: number, nanoseconds: number): number
  /** syncfs(2) on a thread of the pool: all that was written to the file system of `fd` is on the disk. */
  syncFileSystem(fd: number): Promise<void>
}

const STATX_SIZE = 256
const STATX_BASIC_STATS = 0x7ff

const statEntry = (raw: RawKernel, dirfd: number, path: KernelPath): EntryStatus | undefined => {
  const bytes = Buffer.alloc(STATX_SIZE)
  const flags = AT.SYMLINK_NOFOLLOW | (path.length ? 0 : AT.EMPTY_PATH)
  const result = raw.call('statx', dirfd, cstring(path), flags, STATX_BASIC_STATS, bytes)
  if (result === -Errno.ENOENT || result === -Errno.ENOTDIR) return undefined
  checked(result, 'statx', Buffer.from(path).toString())
  return {
    links: bytes.readUInt32LE(16),
    uid: bytes.readUInt32LE(20),
    gid: bytes.readUInt32LE(24),
    mode: bytes.readUInt16LE(28),
    inode: bytes.readBigUInt64LE(32),
    size: Number(bytes.readBigUInt64LE(40)),
    seconds: Number(bytes.readBigInt64LE(112)),
    nanoseconds: bytes.readUInt32LE(120),
    major: bytes.readUInt32LE(128),
    minor: bytes.readUInt32LE(132),
    device: `${bytes.readUInt32LE(136)}:${bytes.readUInt32LE(140)}`,
  }
}

// Layout of struct linux_dirent64: inode, offset, u16 length of the record, u8 type, name.
const parseDirents = (bytes: Buffer, into: DirectoryEntry[]): void => {
  for (let at = 0; at < bytes.length; at += bytes.readUInt16LE(at + 16)) {
    const name = Buffer.from(bytes.subarray(at + 19, bytes.indexOf(0, at + 19)))
    const dots = name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e))
    if (!dots) into.push({ name, type: (bytes[at + 18] ?? 0) << 12 })
  }
}

const readEntries = (raw: RawKernel, dirfd: number): DirectoryEntry[] => {
  const entries: DirectoryEntry[] = []
  const buffer = Buffer.alloc(32768)
  for (;;) {
    const read = checked(
      raw.call('getdents64', dirfd, buffer, buffer.length),
      'getdents64',
      `folder ${dirfd}`,
    )
    if (read === 0) return entries
    parseDirents(buffer.subarray(0, read), entries)
  }
}

const openFolder = (raw: RawKernel, dirfd: number, path: KernelPath): number => {
  const how = Buffer.alloc(24)
  how.writeBigUInt64LE(BigInt(O.RDONLY | O.DIRECTORY | O.NOFOLLOW | O.CLOEXEC), 0)
  how.writeBigUInt64LE(BigInt(RESOLVE.BENEATH | RESOLVE.NO_MAGICLINKS), 16)
  return raw.call('openat2', dirfd, cstring(path), how, 24)
}

// In a user namespace a folder without write permission can't be emptied by its owner.
const emptyFolder = (raw: RawKernel, trash: number, name: Buffer, next: () => Buffer): Buffer[] => {
  raw.call('fchmodat', trash, cstring(name), 0o700)
  const folder = checked(openFolder(raw, trash, name), 'openat2', name.toString())
  const moved: Buffer[] = []
  try {
    for (const entry of readEntries(raw, folder)) {
      if (raw.call('unlinkat', folder, cstring(entry.name), 0) >= 0) continue
      const removed = raw.call('unlinkat', folder, cstring(entry.name), AT.REMOVEDIR)
      if (removed >= 0) continue
      const target = next()
      const result = raw.call('renameat2', folder, cstring(entry.name), trash, cstring(target), 0)
      if (result < 0) throw syscallError('unlinkat', -removed, entry.name.toString())
      moved.push(target)
    }
  } finally {
    raw.call('close', folder)
  }
  return moved
}

/**
 * Folders inside are moved up beside their parent before they are emptied, so neither the depth nor the length of
 * paths in a hostile tree matters.
 */
const removeFolder = (raw: RawKernel, dirfd: number, path: KernelPath): void => {
  const top = checked(openFolder(raw, dirfd, path), 'openat2', Buffer.from(path).toString())
  let count = 0
  const prefix = `.gone-${process.pid}-${Date.now().toString(36)}-`
  const next = () => Buffer.from(`${prefix}${count++}`)
  try {
    const pending = emptyFolder(raw, top, Buffer.from('.'), next)
    for (let name = pending.pop(); name; name = pending.pop()) {
      pending.push(...emptyFolder(raw, top, name, next))
      checked(raw.call('unlinkat', top, cstring(name), AT.REMOVEDIR), 'unlinkat', name.toString())
    }
  } finally {
    raw.call('close', top)
  }
}

const removeTree = (raw: RawKernel, dirfd: number, path: KernelPath): void => {
  const object = Buffer.from(path).toString()
  const status = statEntry(raw, dirfd, path)
  if (!status) return
  const isFolder = (status.mode & S.IFMT) === S.IFDIR
  if (isFolder) {
    raw.call('fchmodat', dirfd, cstring(path), 0o700)
    removeFolder(raw, dirfd, path)
  }
  const result = raw.call('unlinkat', dirfd, cstring(path), isFolder ? AT.REMOVEDIR : 0)
  if (result !== -Errno.ENOENT) checked(result, 'unlinkat', object, `remove ${object}`)
}

const writeFully = (raw: RawKernel, fd: number, bytes: Uint8Array, object: string, offset?: number): void => {
  for (let done = 0; done < bytes.length; ) {
    const rest = done ? bytes.subarray(done) : bytes
    const written =
      offset === undefined
        ? raw.call('write', fd, rest, rest.length)
        : raw.call('pwrite64', fd, rest, rest.length, offset + done)
    if (written === -Errno.EINTR) continue
    done += checked(written, 'write', object, `write ${object}`)
  }
}

const setTimes = (raw: RawKernel, dirfd: number, path: KernelPath, seconds: number, nanoseconds: number) => {
  const times = Buffer.alloc(32)
  for (const at of [0, 16]) {
    times.writeBigInt64LE(BigInt(seconds), at)
    times.writeBigInt64LE(BigInt(nanoseconds), at + 8)
  }
  return path.length
    ? raw.call('utimensat', dirfd, cstring(path), times, AT.SYMLINK_NOFOLLOW)
    : raw.call('utimensat', dirfd, null, times, 0)
}

const readLink = (raw: RawKernel, dirfd: number, path: KernelPath): Buffer | undefined => {
  const target = Buffer.alloc(4096)
  const length = raw.call('readlinkat', dirfd, cstring(path), target, target.length)
  return length < 0 ? undefined : target.subarray(0, length)
}

export const entryCalls = (raw: RawKernel): EntryCalls => ({
  statAt: (dirfd, path) => statEntry(raw, dirfd, path),
  readlinkat: (dirfd, path) => readLink(raw, dirfd, path),
  renameat: (fromDir, from, toDir, to, flags = 0) =>
    raw.call('renameat2', fromDir, cstring(from), toDir, cstring(to), flags),
  readDirectory: (dirfd) => readEntries(raw, dirfd),
  removeTree: (dirfd, path) => removeTree(raw, dirfd, path),
  writeFully: (fd, bytes, object, offset) => writeFully(raw, fd, bytes, object, offset),
  setTimes: (dirfd, path, seconds, nanoseconds) => setTimes(raw, dirfd, path, seconds, nanoseconds),
  syncFileSystem: async (fd) => {
    checked(await raw.callAsync('syncfs', fd), 'syncfs', `descriptor ${fd}`, 'write to disk')
  },
})
