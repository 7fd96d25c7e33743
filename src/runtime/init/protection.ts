import { Errno } from '../../kernel'
import { AT, MOUNT_ATTR, MS, O, OPEN_TREE_CLONE } from '../../kernel/constants'
import type { Cell, SyscallProgram } from '../program/program'
import { MOUNT_ATTR_BYTES, mountAttr } from './mount-options'
import { attach } from './mounts'
import { openInRoot } from './paths'

const ABSENT = [Errno.ENOENT, Errno.ENOTDIR] as const

/** The host's own /dev/null, which the container can't have replaced (CVE-2025-31133). */
const hostNull = (program: SyscallProgram): Cell => {
  const tree = program.cell()
  const doing = 'take /dev/null of the host'
  program.step('open_tree', [AT.FDCWD, '/dev/null', OPEN_TREE_CLONE | O.CLOEXEC], doing, { store: tree })
  return tree
}

/** Hides files behind /dev/null and folders behind an empty tmpfs. Paths that are not there are left out. */
export const maskPaths = (program: SyscallProgram, root: Cell, paths: readonly string[]): void => {
  for (const path of paths) {
    const doing = `mask ${path}`
    const name = path.slice(1)
    const [file, next] = [program.label(), program.label()]
    openInRoot(program, root, name, O.PATH, { allow: ABSENT, otherwise: next })
    const allow = [Errno.ENOTDIR]
    const folder = openInRoot(program, root, name, O.PATH | O.DIRECTORY, { allow, otherwise: file })
    program.step('fchdir', [folder], doing)
    const flags = MS.RDONLY | MS.NOSUID | MS.NODEV | MS.NOEXEC
    program.step('mount', ['tmpfs', '.', 'tmpfs', flags, 'size=0k,nr_inodes=1'], doing, { next: next })
    program.place(file)
    attach(program, hostNull(program), openInRoot(program, root, name, O.PATH), doing)
    program.place(next)
  }
}

/** Binds each path on itself, read-only with all below. */
export const makeReadOnly = (program: SyscallProgram, root: Cell, paths: readonly string[]): void => {
  for (const path of paths) {
    const doing = `make ${path} read-only`
    const next = program.label()
    const target = openInRoot(program, root, path.slice(1), O.PATH, { allow: ABSENT, otherwise: next })
    const tree = program.cell()
    const flags = OPEN_TREE_CLONE | AT.EMPTY_PATH | AT.RECURSIVE | O.CLOEXEC
    program.step('open_tree', [target, '', flags], doing, { store: tree })
    const attr = mountAttr(MOUNT_ATTR.RDONLY, 0, 0)
    const deep = AT.EMPTY_PATH | AT.RECURSIVE
    program.step('mount_setattr', [tree, '', deep, attr, MOUNT_ATTR_BYTES], doing)
    attach(program, tree, target, doing)
    program.place(next)
  }
}

/** Makes the root itself read-only, not what is mounted in it. */
export const makeRootReadOnly = (program: SyscallProgram, root: Cell): void => {
  const attr = mountAttr(MOUNT_ATTR.RDONLY, 0, 0)
  program.step('mount_setattr', [root, '', AT.EMPTY_PATH, attr, MOUNT_ATTR_BYTES], 'make the root read-only')
}
