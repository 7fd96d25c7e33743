import { Errno } from '../../kernel'
import { AT, O, OPEN_TREE_CLONE, S } from '../../kernel/constants'
import type { OciDevice } from '../../specgen/types'
import type { Cell, SyscallProgram } from '../program/program'
import { attach } from './mounts'
import { ensureDirectory, ensureFile } from './paths'

const MODE: Record<OciDevice['type'], number> = { c: S.IFCHR, b: S.IFBLK, p: S.IFIFO }

/** dev_t as mknod(2) takes it: 12 bits of major, 20 of minor, interleaved. */
export const deviceNumber = (major: number, minor: number): number =>
  (minor & 0xff) | ((major & 0xfff) << 8) | ((minor & 0xfff00) << 12)

const splitPath = (path: string): [folder: string, name: string] => {
  const at = path.lastIndexOf('/')
  return [path.slice(0, at), path.slice(at + 1)]
}

const makeNode = (program: SyscallProgram, root: Cell, device: OciDevice): void => {
  const doing = `make device ${device.path}`
  const [folder, name] = splitPath(device.path)
  const parent = ensureDirectory(program, root, folder)
  const number = deviceNumber(device.major, device.minor)
  const next = program.label()
  const mode = MODE[device.type] | device.fileMode
  program.step('mknodat', [parent, name, mode, number], doing, { allow: [Errno.EEXIST], otherwise: next })
  program.step('fchmodat', [parent, name, device.fileMode], doing)
  program.step('fchownat', [parent, name, device.uid, device.gid, AT.SYMLINK_NOFOLLOW], doing)
  program.place(next)
}

/** In a user namespace no node can be made: the host's is bound. */
const bindNode = (program: SyscallProgram, root: Cell, device: OciDevice, tree: Cell): void => {
  attach(program, tree, ensureFile(program, root, device.path), `bind device ${device.path}`)
}

/** Takes the host's nodes of the same path while the host can be reached. */
export const openDeviceTrees = (
  program: SyscallProgram,
  devices: readonly OciDevice[],
): Map<OciDevice, Cell> => {
  const trees = new Map<OciDevice, Cell>()
  for (const device of devices) {
    const tree = program.cell()
    const flags = OPEN_TREE_CLONE | O.CLOEXEC
    program.step('open_tree', [AT.FDCWD, device.path, flags], `open device ${device.path}`, { store: tree })
    trees.set(device, tree)
  }
  return trees
}

export const makeDevices = (
  program: SyscallProgram,
  root: Cell,
  devices: readonly OciDevice[],
  trees: Map<OciDevice, Cell>,
): void => {
  for (const device of devices) {
    const tree = trees.get(device)
    if (tree) bindNode(program, root, device, tree)
    else makeNode(program, root, device)
  }
}

export const makeDeviceLinks = (
  program: SyscallProgram,
  root: Cell,
  links: readonly (readonly [path: string, target: string])[],
): void => {
  for (const [path, target] of links) {
    const [folder, name] = splitPath(path)
    const parent = ensureDirectory(program, root, folder)
    program.step('symlinkat', [target, parent, name], `make link ${path}`, { allow: [Errno.EEXIST] })
  }
}
