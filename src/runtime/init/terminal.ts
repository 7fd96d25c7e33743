import { AT, O, OPEN_TREE_CLONE, TTY } from '../../kernel/constants'
import type { Cell, SyscallProgram } from '../program/program'
import { MessageLayout, StatusWord, writeMessageHeader } from '../program/status'
import { attach } from './mounts'
import { ensureFile, openInRoot } from './paths'

const SOL_SOCKET = 1
const SCM_RIGHTS = 1

// The descriptor's number is in the control data: the message is laid out around the cell that the open filled.
const sendDescriptor = (program: SyscallProgram, status: number, master: Cell): void => {
  const memory = Buffer.alloc(MessageLayout.bytes)
  memory.writeBigUInt64LE(BigInt(StatusWord.terminal), MessageLayout.data)
  memory.writeBigUInt64LE(20n, MessageLayout.control)
  memory.writeInt32LE(SOL_SOCKET, MessageLayout.control + 8)
  memory.writeInt32LE(SCM_RIGHTS, MessageLayout.control + 12)
  const address = program.placeBytes((base) => {
    writeMessageHeader(memory, BigInt(base))
    return memory
  })
  const slot = { address: address + MessageLayout.control + 16 }
  program.step('dup', [master], 'copy the terminal', { store: slot })
  program.step('sendmsg', [status, address, 0], 'hand out the terminal')
}

const windowSize = (size: { height: number; width: number }): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeUInt16LE(size.height, 0)
  bytes.writeUInt16LE(size.width, 2)
  return bytes
}

export interface TerminalRequest {
  status: number
  size?: { height: number; width: number }
  owner: { uid: number; gid: number }
}

/** Makes a terminal from the container's own /dev/pts, sends its master side out, and puts it on 0, 1 and 2. */
export const makeTerminal = (program: SyscallProgram, root: Cell, request: TerminalRequest): void => {
  const doing = 'make a terminal'
  const master = openInRoot(program, root, 'dev/pts/ptmx', O.RDWR | O.NOCTTY)
  program.step('ioctl', [master, TTY.TIOCSPTLCK, Buffer.alloc(4)], doing)
  const slave = program.cell()
  program.step('ioctl', [master, TTY.TIOCGPTPEER, O.RDWR | O.NOCTTY], doing, { store: slave })
  if (request.size) program.step('ioctl', [master, TTY.TIOCSWINSZ, windowSize(request.size)], doing)
  program.step('fchown', [slave, request.owner.uid, request.owner.gid], doing, { allow: 'any' })
  sendDescriptor(program, request.status, master)
  for (const fd of [0, 1, 2]) program.step('dup3', [slave, fd, 0], doing)
  program.step('ioctl', [0, TTY.TIOCSCTTY, 0], doing)
}

/** /dev/console is the container's first terminal. */
export const bindConsole = (program: SyscallProgram, root: Cell): void => {
  const tree = program.cell()
  const flags = OPEN_TREE_CLONE | O.CLOEXEC
  const source = openInRoot(program, root, 'dev/pts/0', O.PATH)
  program.step('open_tree', [source, '', flags | AT.EMPTY_PATH], 'open /dev/pts/0', { store: tree })
  attach(program, tree, ensureFile(program, root, 'dev/console'), 'bind /dev/console')
}
