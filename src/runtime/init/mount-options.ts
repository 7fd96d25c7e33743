import { MOUNT_ATTR, MS } from '../../kernel/constants'

/** mount(8) words, sorted into what the kernel takes. */
export interface MountFlags {
  /** MS_* for a new filesystem. */
  flags: number
  /** MOUNT_ATTR_* for mount_setattr(2). */
  set: number
  clear: number
  /** MS_SHARED, MS_SLAVE, MS_PRIVATE or MS_UNBINDABLE. */
  propagation: number
  recursive: boolean
  /** What is left, for the filesystem itself. */
  data: string
}

interface Word {
  flags?: number
  set?: number
  clear?: number
  propagation?: number
  recursive?: boolean
}

const words: Record<string, Word> = {
  defaults: {},
  ro: { flags: MS.RDONLY, set: MOUNT_ATTR.RDONLY },
  rro: { flags: MS.RDONLY, set: MOUNT_ATTR.RDONLY, recursive: true },
  rw: { clear: MOUNT_ATTR.RDONLY },
  nosuid: { flags: MS.NOSUID, set: MOUNT_ATTR.NOSUID },
  suid: { clear: MOUNT_ATTR.NOSUID },
  nodev: { flags: MS.NODEV, set: MOUNT_ATTR.NODEV },
  dev: { clear: MOUNT_ATTR.NODEV },
  noexec: { flags: MS.NOEXEC, set: MOUNT_ATTR.NOEXEC },
  exec: { clear: MOUNT_ATTR.NOEXEC },
  noatime: { flags: MS.NOATIME, set: MOUNT_ATTR.NOATIME },
  relatime: { flags: MS.RELATIME },
  strictatime: { flags: MS.STRICTATIME },
  nodiratime: { flags: MS.NODIRATIME },
  sync: { flags: MS.SYNCHRONOUS },
  dirsync: { flags: MS.DIRSYNC },
  nosymfollow: { set: MOUNT_ATTR.NOSYMFOLLOW, flags: MS.NOSYMFOLLOW },
  bind: {},
  rbind: { recursive: true },
  private: { propagation: MS.PRIVATE },
  rprivate: { propagation: MS.PRIVATE },
  slave: { propagation: MS.SLAVE },
  rslave: { propagation: MS.SLAVE },
  shared: { propagation: MS.SHARED },
  rshared: { propagation: MS.SHARED },
  unbindable: { propagation: MS.UNBINDABLE },
  runbindable: { propagation: MS.UNBINDABLE },
}

/** Reads mount options. Words that are none of mount(8)'s go to the filesystem as they are. */
export const readMountOptions = (options: readonly string[]): MountFlags => {
  const result: MountFlags = { flags: 0, set: 0, clear: 0, propagation: 0, recursive: false, data: '' }
  const data: string[] = []
  for (const option of options) {
    const word = words[option]
    if (!word) {
      data.push(option)
      continue
    }
    const cleared = word.clear ?? 0
    result.set = (result.set & ~cleared) | (word.set ?? 0)
    result.clear = (result.clear & ~(word.set ?? 0)) | cleared
    if (cleared === MOUNT_ATTR.RDONLY) result.flags &= ~MS.RDONLY
    result.flags |= word.flags ?? 0
    result.propagation = word.propagation ?? result.propagation
    result.recursive ||= word.recursive ?? false
  }
  return { ...result, data: data.join(',') }
}

/** struct mount_attr of mount_setattr(2), Linux 5.12. */
export const mountAttr = (set: number, clear: number, propagation: number, userns = 0): Buffer => {
  const attr = Buffer.alloc(32)
  attr.writeBigUInt64LE(BigInt(set), 0)
  attr.writeBigUInt64LE(BigInt(clear), 8)
  attr.writeBigUInt64LE(BigInt(propagation), 16)
  attr.writeBigUInt64LE(BigInt(userns), 24)
  return attr
}
export const MOUNT_ATTR_BYTES = 32
