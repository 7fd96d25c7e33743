import { Errno } from '../../kernel'
import { AT, MOUNT_ATTR, MOVE_MOUNT, MS, O, OPEN_TREE_CLONE } from '../../kernel/constants'
import type { OciMount, OciSpec } from '../../specgen/types'
import type { Cell, SyscallProgram } from '../program/program'
import { MOUNT_ATTR_BYTES, mountAttr, readMountOptions } from './mount-options'
import { ensureDirectory, ensureFile, openInRoot } from './paths'

const TREE = OPEN_TREE_CLONE | O.CLOEXEC

/** The bind mounts of a container with what they show, taken from the host before its root is left. */
export type BindTrees = Map<OciMount, Cell>

const isBind = (mount: OciMount): boolean => mount.type === 'bind'

/** Takes a copy of each bind mount's source. Done while the host's paths can still be reached with the host's rights. */
export const openBindTrees = (program: SyscallProgram, mounts: readonly OciMount[]): BindTrees => {
  const trees: BindTrees = new Map()
  for (const mount of mounts.filter(isBind)) {
    const { recursive, set, clear, propagation } = readMountOptions(mount.options)
    const depth = recursive ? AT.RECURSIVE : 0
    const tree = program.cell()
    const doing = `bind mount ${mount.source} on ${mount.destination}`
    program.step('open_tree', [AT.FDCWD, mount.source, TREE | depth], doing, { store: tree })
    const attr = mountAttr(set & ~MOUNT_ATTR.RDONLY, clear, propagation || MS.PRIVATE)
    program.step('mount_setattr', [tree, '', AT.EMPTY_PATH | depth, attr, MOUNT_ATTR_BYTES], doing)
    // `ro` is the mount's own, `rro` that of all below it too, as in Podman.
    const deep = mount.options.includes('rro') ? AT.RECURSIVE : 0
    if (set & MOUNT_ATTR.RDONLY) setReadOnly(program, tree, deep, doing)
    trees.set(mount, tree)
  }
  return trees
}

const setReadOnly = (program: SyscallProgram, tree: Cell, depth: number, doing: string): void => {
  const attr = mountAttr(MOUNT_ATTR.RDONLY, 0, 0)
  program.step('mount_setattr', [tree, '', AT.EMPTY_PATH | depth, attr, MOUNT_ATTR_BYTES], doing)
}

/** Puts a mount that hangs in the air on what `target` is a descriptor of. */
export const attach = (program: SyscallProgram, tree: Cell, target: Cell, doing: string): void => {
  const flags = MOVE_MOUNT.F_EMPTY_PATH | MOVE_MOUNT.T_EMPTY_PATH
  program.step('move_mount', [tree, '', target, '', flags], doing)
}

// Whether the source is a folder is asked when the program runs: it is what decides how the place is made.
const attachBind = (program: SyscallProgram, root: Cell, mount: OciMount, tree: Cell): void => {
  const doing = `bind mount ${mount.source} on ${mount.destination}`
  const [file, done] = [program.label(), program.label()]
  const probe = [tree, '.', O.PATH | O.DIRECTORY | O.CLOEXEC, 0]
  program.step('openat', probe, doing, { allow: [Errno.ENOTDIR], otherwise: file })
  attach(program, tree, ensureDirectory(program, root, mount.destination), doing)
  program.jump(done)
  program.place(file)
  attach(program, tree, ensureFile(program, root, mount.destination), doing)
  program.place(done)
}

const mountFilesystem = (program: SyscallProgram, root: Cell, mount: OciMount): void => {
  const { flags, data, propagation } = readMountOptions(mount.options)
  const doing = `mount ${mount.type} on ${mount.destination}`
  program.step('fchdir', [ensureDirectory(program, root, mount.destination)], doing)
  program.step('mount', [mount.source || mount.type, '.', mount.type, flags, data || null], doing)
  if (propagation) {
    const target = openInRoot(program, root, mount.destination.slice(1), O.PATH | O.DIRECTORY)
    const attr = mountAttr(0, 0, propagation)
    program.step('mount_setattr', [target, '', AT.EMPTY_PATH, attr, MOUNT_ATTR_BYTES], doing)
  }
}

// A mount that the container must not write to, but in which places for other mounts are still to be made.
const isLateReadOnly = (mount: OciMount): boolean =>
  mount.type === 'tmpfs' && mount.options.includes('ro') && mount.destination !== '/'

const withoutReadOnly = (mount: OciMount): OciMount => ({
  ...mount,
  options: mount.options.filter((option) => option !== 'ro'),
})

/** Carries out the spec's mounts in their order, inside the root. */
export const mountAll = (program: SyscallProgram, root: Cell, spec: OciSpec, trees: BindTrees): void => {
  for (const mount of spec.mounts) {
    const tree = trees.get(mount)
    if (tree) attachBind(program, root, mount, tree)
    else mountFilesystem(program, root, isLateReadOnly(mount) ? withoutReadOnly(mount) : mount)
  }
}

/** Makes read-only what had to be written to until its devices and mounts were in place. */
export const closeMounts = (program: SyscallProgram, root: Cell, spec: OciSpec): void => {
  for (const mount of spec.mounts.filter(isLateReadOnly)) {
    const target = openInRoot(program, root, mount.destination.slice(1), O.PATH | O.DIRECTORY)
    setReadOnly(program, target, 0, `make ${mount.destination} read-only`)
  }
}
