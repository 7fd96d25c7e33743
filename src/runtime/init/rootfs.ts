import { AT, MOUNT_ATTR, MOVE_MOUNT, MS, O, OPEN_TREE_CLONE } from '../../kernel/constants'
import type { Cell, SyscallProgram } from '../program/program'
import type { InitInput, Rootfs } from './input'
import { MOUNT_ATTR_BYTES, mountAttr } from './mount-options'

type Overlay = Extract<Rootfs, { kind: 'overlay' }>

const overlayOptions = (overlay: Overlay, lower: readonly string[]): string =>
  [`lowerdir=${lower.join(':')}`, `upperdir=${overlay.upper}`, `workdir=${overlay.work}`]
    .concat(overlay.userxattr ? 'userxattr' : [])
    .join(',')

const mountOverlay = (program: SyscallProgram, overlay: Overlay, mountpoint: string): void => {
  program.step('chdir', [overlay.layers], `change to ${overlay.layers}`)
  const options = overlayOptions(overlay, overlay.lower)
  program.step('mount', ['overlay', mountpoint, 'overlay', 0, options], 'mount the overlay root')
}

const makeFolder = (program: SyscallProgram, path: string): void => {
  program.step('mkdirat', [AT.FDCWD, path, 0o755], `make ${path}`)
}

/** Mounts each layer once more with its owners shifted, on a tmpfs that only this mount namespace sees. */
const mountShiftedOverlay = (
  program: SyscallProgram,
  overlay: Overlay,
  mountpoint: string,
  userns: number,
): void => {
  const doing = 'shift the owners of the layers (needs Linux 5.19)'
  program.step('mount', ['tmpfs', mountpoint, 'tmpfs', 0, 'mode=0755'], `mount tmpfs on ${mountpoint}`)
  overlay.lower.forEach((layer, index) => {
    const tree = program.cell()
    const target = `${mountpoint}/${index}`
    makeFolder(program, target)
    const source = `${overlay.layers}/${layer}`
    program.step('open_tree', [AT.FDCWD, source, OPEN_TREE_CLONE | O.CLOEXEC], doing, { store: tree })
    const attr = mountAttr(MOUNT_ATTR.IDMAP, 0, 0, userns)
    program.step('mount_setattr', [tree, '', AT.EMPTY_PATH, attr, MOUNT_ATTR_BYTES], doing)
    program.step('move_mount', [tree, '', AT.FDCWD, target, MOVE_MOUNT.F_EMPTY_PATH], doing)
  })
  makeFolder(program, `${mountpoint}/root`)
  program.step('chdir', [mountpoint], `change to ${mountpoint}`)
  const options = overlayOptions(overlay, Object.keys(overlay.lower))
  program.step('mount', ['overlay', 'root', 'overlay', 0, options], 'mount the overlay root')
}

const mountProgram = (
  program: SyscallProgram,
  { name, bytes, owner }: Extract<Rootfs, { kind: 'program' }>,
  mountpoint: string,
): void => {
  // The root of a user namespace makes its mount points there itself.
  const options = `mode=0755,uid=${owner?.uid ?? 0},gid=${owner?.gid ?? 0}`
  program.step('mount', ['tmpfs', mountpoint, 'tmpfs', MS.NOSUID | MS.NODEV, options], 'mount the root')
  const fd = program.cell()
  const flags = O.WRONLY | O.CREAT | O.EXCL | O.CLOEXEC
  const doing = `write /${name}`
  program.step('openat', [AT.FDCWD, `${mountpoint}/${name}`, flags, 0o555], doing, { store: fd })
  program.step('write', [fd, bytes, bytes.length], doing)
  program.step('close', [fd], doing)
}

const isShifted = (rootfs: Rootfs): rootfs is Overlay & { idmap: number } =>
  rootfs.kind === 'overlay' && rootfs.idmap !== undefined

const bindDirectory = (program: SyscallProgram, path: string, mountpoint: string): void => {
  const tree = program.cell()
  const flags = OPEN_TREE_CLONE | AT.RECURSIVE | O.CLOEXEC
  program.step('open_tree', [AT.FDCWD, path, flags], `open ${path}`, { store: tree })
  program.step('move_mount', [tree, '', AT.FDCWD, mountpoint, MOVE_MOUNT.F_EMPTY_PATH], `bind ${path}`)
}

/** Mounts what becomes the container's root, on a folder that only this mount namespace sees changed. */
export const mountRoot = (program: SyscallProgram, { rootfs, mountpoint }: InitInput): void => {
  if (isShifted(rootfs)) mountShiftedOverlay(program, rootfs, mountpoint, rootfs.idmap)
  else if (rootfs.kind === 'overlay') mountOverlay(program, rootfs, mountpoint)
  else if (rootfs.kind === 'program') mountProgram(program, rootfs, mountpoint)
  else bindDirectory(program, rootfs.path, mountpoint)
}

/**
 * Makes the root the working folder. That stays the same place in a further mount namespace, also where the way to it is
 * closed to the root of a user namespace.
 */
export const enterRoot = (program: SyscallProgram, { rootfs, mountpoint }: InitInput): void => {
  const path = isShifted(rootfs) ? `${mountpoint}/root` : mountpoint
  program.step('chdir', [path], 'enter the root')
}

/**
 * A descriptor of the root, which is the working folder. In a user namespace the mounts that came along are locked
 * together, so the root is mounted once more on itself: that mount is free to become `/`.
 */
export const openRoot = (program: SyscallProgram, remount: boolean): Cell => {
  const root = program.cell()
  if (remount) {
    const flags = OPEN_TREE_CLONE | AT.RECURSIVE | O.CLOEXEC
    program.step('open_tree', [AT.FDCWD, '.', flags], 'open the root', { store: root })
    program.step('move_mount', [root, '', AT.FDCWD, '.', MOVE_MOUNT.F_EMPTY_PATH], 'mount the root on itself')
    return root
  }
  const flags = O.PATH | O.DIRECTORY | O.CLOEXEC
  program.step('openat', [AT.FDCWD, '.', flags, 0], 'open the root', { store: root })
  return root
}

/** Makes the folder the root of the mount namespace and drops the host's, which nothing can lead back to. */
export const pivot = (program: SyscallProgram, root: Cell): void => {
  program.step('fchdir', [root], 'enter the root')
  program.step('pivot_root', ['.', '.'], 'make it the root')
  // The old root lies on top of the new one now.
  program.step('umount2', ['.', 2], "unmount the host's root")
  program.step('chdir', ['/'], 'enter the root')
}
