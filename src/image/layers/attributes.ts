import { TspodError } from '../../errors'
import { Errno, type Kernel, syscallError } from '../../kernel'
import type { TarEntry } from '../archive/tar-reader'
import { shown, toBytes } from './names'
import { type IdShift, shifted } from './shift'

/** How a layer is put on the disk. */
export interface OverlayFlavor {
  /** Set in a user namespace: `user.overlay.*` attributes, no device nodes. */
  userXattr: boolean
  /** The layer is for containers of that user namespace alone. */
  shift?: IdShift
}

export const opaqueXattr = ({ userXattr }: OverlayFlavor): string =>
  userXattr ? 'user.overlay.opaque' : 'trusted.overlay.opaque'

// With these an archive could point overlayfs at other layers' files; SELinux labels are the host's business.
const REFUSED = /^(?:trusted\.overlay\.|user\.overlay\.|security\.selinux$)/

const MAX_ID = 0xffff_fffe

const fail = (result: number, call: 'fchownat' | 'fchmodat' | 'lsetxattr' | 'utimensat', name: string) => {
  if (result < 0) throw syscallError(call, -result, name, `set the attributes of ${shown(name)}`)
}

/** In a user namespace there may be fewer ids than an image has. The first words are Podman's. */
const unmapped = ({ uid, gid, name }: TarEntry): TspodError =>
  new TspodError(
    'denied',
    `potentially insufficient UIDs or GIDs available in user namespace (requested ${uid}:${gid} for ${shown(name)}): ` +
      'see that newuidmap and newgidmap are installed (package uidmap) and that you have ids in /etc/subuid and /etc/subgid; ' +
      'then run "tspod system migrate"',
    { call: 'fchownat', errno: 'EINVAL', object: name },
  )

/**
 * Owner, mode, attributes and time of an entry that is there, by its parent's descriptor. The owner comes first, as a
 * change of it clears set-user-ID and capabilities; the time last.
 */
export const setAttributes = (
  kernel: Kernel,
  parent: number,
  name: string,
  entry: TarEntry,
  flavor: OverlayFlavor,
): void => {
  const raw = toBytes(name)
  if (entry.uid < 0 || entry.uid > MAX_ID || entry.gid < 0 || entry.gid > MAX_ID)
    fail(-Errno.EINVAL, 'fchownat', entry.name)
  const { uid, gid } = shifted(entry, flavor.shift)
  const owned = uid < 0 || gid < 0 ? -Errno.EINVAL : kernel.fchownat(parent, raw, uid, gid)
  if (owned === -Errno.EINVAL) throw unmapped(entry)
  fail(owned, 'fchownat', entry.name)
  if (entry.type !== 'symlink') fail(kernel.fchmodat(parent, raw, entry.mode), 'fchmodat', entry.name)
  if (entry.xattrs.size) setXattrs(kernel, parent, name, entry, flavor)
  fail(kernel.setTimes(parent, raw, entry.seconds, entry.nanoseconds), 'utimensat', entry.name)
}

const setXattrs = (
  kernel: Kernel,
  parent: number,
  name: string,
  entry: TarEntry,
  { userXattr }: OverlayFlavor,
): void => {
  const path = Buffer.concat([Buffer.from(`/proc/self/fd/${parent}/`), toBytes(name)])
  for (const [key, value] of entry.xattrs) {
    if (REFUSED.test(key) || key.includes('\0')) continue
    const result = kernel.lsetxattr(path, toBytes(key), value)
    // Not every file system has every kind, user attributes are for files and folders alone, and a user namespace
    // gives less: Podman leaves them out too.
    const tolerated =
      result === -Errno.EOPNOTSUPP ||
      (result === -Errno.EPERM && (userXattr || key.startsWith('user.'))) ||
      (result === -Errno.EINVAL && userXattr)
    if (!tolerated) fail(result, 'lsetxattr', entry.name)
  }
}
