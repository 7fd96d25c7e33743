import { readFileSync, writeFileSync } from 'node:fs'
import { TspodError } from '../errors'
import { errnoName, errnoText, type Kernel } from '../kernel'
import { AT, CLONE, O } from '../kernel/constants'
import { reportFailures } from './init/namespaces'
import { STATUS_FD } from './launch'
import { SyscallProgram } from './program/program'
import { MESSAGE_BYTES, openStatusSocket, type StatusSocket, StatusWord } from './program/status'

/** Rows of /proc/PID/uid_map and gid_map. */
export interface IdMaps {
  uids: readonly { container: number; host: number; size: number }[]
  gids: readonly { container: number; host: number; size: number }[]
}

const USERNS_FD = STATUS_FD + 1
const AF_INET = 2
const SOCK_DGRAM = 2
const SIOCSIFFLAGS = 0x8914
const IFF_UP = 1

// A process that makes the namespace and lends it to us until we have pinned it.
const lender = (kernel: Kernel, fill: (program: SyscallProgram) => void): Buffer => {
  const program = new SyscallProgram(kernel.raw.arch)
  fill(program)
  const message = Buffer.alloc(MESSAGE_BYTES)
  message.writeBigUInt64LE(BigInt(StatusWord.started))
  program.step('write', [STATUS_FD, message, MESSAGE_BYTES], 'tell that it is made')
  // Ends when the other end of the socket is closed.
  program.step('read', [STATUS_FD, Buffer.alloc(8), 8], 'wait', { allow: 'any' })
  program.step('exit_group', [0], 'end')
  reportFailures(program)
  return program.compile().elf
}

interface LentProcess {
  pid: number
  status: StatusSocket
}

const startLender = (
  kernel: Kernel,
  elf: Buffer,
  descriptors: [number, number][],
  doing: string,
): LentProcess => {
  const status = openStatusSocket(kernel)
  const memory = kernel.executableMemory('tspod-namespace', elf)
  try {
    if (memory === undefined)
      throw new TspodError('system', `${doing}: memory files may not be executed here`)
    const pid = kernel.spawn({
      program: { fd: memory },
      args: ['tspod-namespace'],
      env: [],
      descriptors: [[status.theirs, STATUS_FD], ...descriptors],
    })
    return { pid, status }
  } catch (error) {
    status.close()
    throw error
  } finally {
    kernel.close(status.theirs)
    if (memory !== undefined) kernel.close(memory)
  }
}

const awaitMade = ({ status }: LentProcess, doing: string): void => {
  const message = status.receiveNow()
  if (message?.kind === 'started') return
  const errno = message?.kind === 'failed' ? message.errno : 0
  throw new TspodError('system', `${doing}: ${errnoText(errno)}`, {
    call: 'unshare',
    errno: errnoName(errno),
  })
}

/** Runs the lender, hands its process to `use`, and lets it end. Takes about a millisecond, synchronously. */
const withLender = (
  kernel: Kernel,
  doing: string,
  elf: Buffer,
  descriptors: [number, number][],
  use: (pid: number) => void,
): void => {
  const lent = startLender(kernel, elf, descriptors, doing)
  try {
    awaitMade(lent, doing)
    use(lent.pid)
  } finally {
    lent.status.close()
    kernel.waitFor(lent.pid)
  }
}

const mapText = (rows: IdMaps['uids']): string =>
  rows.map(({ container, host, size }) => `${container} ${host} ${size}\n`).join('')

const writeMap = (pid: number, file: 'uid_map' | 'gid_map', rows: IdMaps['uids']): void => {
  try {
    writeFileSync(`/proc/${pid}/${file}`, mapText(rows))
  } catch (error) {
    const errno = (error as NodeJS.ErrnoException).code ?? ''
    const text = rows.map(({ container, host, size }) => `${container}:${host}:${size}`).join(' ')
    const context = { call: 'write', errno, object: file }
    throw new TspodError('system', `map user namespace ids ${text}: ${errno}`, context, error)
  }
}

/** Makes a user namespace with these maps and pins it at `path`. Node can't: it has threads. */
export const createUserNamespace = (kernel: Kernel, maps: IdMaps, path: string): void => {
  const elf = lender(kernel, (program) => program.step('unshare', [CLONE.NEWUSER], 'make a user namespace'))
  withLender(kernel, 'make a user namespace', elf, [], (pid) => {
    writeMap(pid, 'uid_map', maps.uids)
    writeMap(pid, 'gid_map', maps.gids)
    kernel.pinNamespace(`/proc/${pid}/ns/user`, path)
  })
}

const readMap = (pid: number, file: 'uid_map' | 'gid_map'): IdMaps['uids'] =>
  readFileSync(`/proc/${pid}/${file}`, 'latin1')
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [container = 0, host = 0, size = 0] = line.trim().split(/\s+/).map(Number)
      return { container, host, size }
    })

/** The maps of the user namespace pinned at `path`: only a process inside shows them. */
export const readUserMaps = (kernel: Kernel, path: string): IdMaps => {
  const elf = lender(kernel, (program) =>
    program.step('setns', [USERNS_FD, CLONE.NEWUSER], 'join the user namespace'),
  )
  const fd = kernel.openat(AT.FDCWD, path, O.RDONLY)
  const maps: IdMaps = { uids: [], gids: [] }
  try {
    withLender(kernel, 'join the user namespace', elf, [[fd, USERNS_FD]], (pid) => {
      Object.assign(maps, { uids: readMap(pid, 'uid_map'), gids: readMap(pid, 'gid_map') })
    })
  } finally {
    kernel.close(fd)
  }
  return maps
}

// struct ifreq with its flags, for the card `lo`.
const loopbackUp = (): Buffer => {
  const request = Buffer.alloc(40)
  request.write('lo')
  request.writeUInt16LE(IFF_UP, 16)
  return request
}

/**
 * Makes a network namespace with an open loopback, and pins it at `path`. The user namespace pinned at `owner` owns it,
 * or the one that we are in. The thread stays where it is: an ordinary user's could not come back to the host's.
 */
export const createOwnedNetworkNamespace = (
  kernel: Kernel,
  owner: string | undefined,
  path: string,
): void => {
  const elf = lender(kernel, (program) => {
    if (owner) program.step('setns', [USERNS_FD, CLONE.NEWUSER], 'join the user namespace')
    program.step('unshare', [CLONE.NEWNET], 'make a network namespace')
    const socket = program.cell()
    const doing = 'open loopback'
    program.step('socket', [AF_INET, SOCK_DGRAM, 0], doing, { store: socket })
    program.step('ioctl', [socket, SIOCSIFFLAGS, loopbackUp()], doing)
  })
  const fd = owner === undefined ? undefined : kernel.openat(AT.FDCWD, owner, O.RDONLY)
  try {
    const descriptors: [number, number][] = fd === undefined ? [] : [[fd, USERNS_FD]]
    withLender(kernel, 'make a network namespace', elf, descriptors, (pid) => {
      kernel.pinNamespace(`/proc/${pid}/ns/net`, path)
    })
  } finally {
    if (fd !== undefined) kernel.close(fd)
  }
}
