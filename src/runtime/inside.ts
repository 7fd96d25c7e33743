import { TspodError } from '../errors'
import { checked, errnoName, errnoText, type Kernel } from '../kernel'
import { AT, CLONE, O } from '../kernel/constants'
import type { SyscallName } from '../kernel/numbers'
import { reportFailures } from './init/namespaces'
import { STATUS_FD } from './launch'
import { type StepArgument, SyscallProgram } from './program/program'
import { openStatusSocket } from './program/status'

/** A system call whose result is a descriptor. */
export interface Opening {
  call: SyscallName
  args: readonly StepArgument[]
  /** For the message of a failure: `open a socket`. */
  doing: string
}

const NETNS_FD = STATUS_FD + 1
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const MSG_CMSG_CLOEXEC = 0x40000000
/** SCM_MAX_FD of the kernel. */
const MOST = 253

// struct msghdr (56 bytes), struct iovec (16), the one byte that is sent (8), struct cmsghdr (16), the descriptors.
const VECTOR = 56
const BYTE = 72
const CONTROL = 80
const DESCRIPTORS = 96

const messageFor = (base: bigint, count: number): Buffer => {
  // The last descriptor is stored as a word of eight bytes.
  const memory = Buffer.alloc(DESCRIPTORS + count * 4 + 8)
  memory.writeBigUInt64LE(base + BigInt(VECTOR), 16)
  memory.writeBigUInt64LE(1n, 24)
  memory.writeBigUInt64LE(base + BigInt(CONTROL), 32)
  memory.writeBigUInt64LE(BigInt(16 + count * 4), 40)
  memory.writeBigUInt64LE(base + BigInt(BYTE), VECTOR)
  memory.writeBigUInt64LE(1n, VECTOR + 8)
  memory.writeBigUInt64LE(BigInt(16 + count * 4), CONTROL)
  memory.writeInt32LE(SOL_SOCKET, CONTROL + 8)
  memory.writeInt32LE(SCM_RIGHTS, CONTROL + 12)
  return memory
}

const openerProgram = (kernel: Kernel, openings: readonly Opening[]): Buffer => {
  const program = new SyscallProgram(kernel.raw.arch)
  program.step('setns', [NETNS_FD, CLONE.NEWNET], 'join the network namespace')
  const message = program.placeBytes((base) => messageFor(BigInt(base), openings.length))
  openings.forEach(({ call, args, doing }, index) => {
    // Each result is stored over the upper half of the one before, which is zero.
    const store = { address: message + DESCRIPTORS + index * 4 }
    program.step(call, args, doing, { store })
  })
  program.step('sendmsg', [STATUS_FD, message, 0], 'hand out descriptors')
  program.step('exit_group', [0], 'end')
  reportFailures(program)
  return program.compile().elf
}

const receive = (kernel: Kernel, socket: number, count: number): number[] => {
  // Of a size that is never kept inside V8's heap, where it could be moved.
  const memory = Buffer.alloc(4096)
  messageFor(kernel.raw.address(memory), count).copy(memory)
  memory.fill(0, CONTROL)
  const length = checked(
    kernel.raw.call('recvmsg', socket, memory, MSG_CMSG_CLOEXEC),
    'recvmsg',
    'descriptors',
  )
  if (length === 0) throw new TspodError('system', 'make descriptors: the program ended early')
  const received = (Number(memory.readBigUInt64LE(CONTROL)) - 16) / 4
  if (received === count)
    return Array.from({ length: count }, (_, index) => memory.readInt32LE(DESCRIPTORS + index * 4))
  // A failure's first word is the errno, of which one byte has room here.
  const errno = memory[BYTE] ?? 0
  throw new TspodError('system', `make descriptors in a network namespace: ${errnoText(errno)}`, {
    errno: errnoName(errno),
  })
}

/** Makes descriptors in a network namespace that our own thread can't enter and leave again. */
export interface Opener {
  /** Starts a process, which takes about a millisecond, and waits for it. Throws where one of the calls fails. */
  open(): number[]
}

/** An opener whose program is made once. Up to 253 descriptors at once. */
export const openerIn = (kernel: Kernel, namespace: string, openings: readonly Opening[]): Opener => {
  if (openings.length > MOST) throw new RangeError(`${openings.length} descriptors at once`)
  const elf = openerProgram(kernel, openings)
  return {
    open: () => {
      const status = openStatusSocket(kernel)
      const opened: number[] = [status.theirs]
      try {
        const memory = kernel.executableMemory('tspod-inside', elf)
        if (memory === undefined) throw new TspodError('system', 'memory files may not be executed here')
        opened.push(memory)
        const netns = kernel.openat(AT.FDCWD, namespace, O.RDONLY)
        opened.push(netns)
        const pid = kernel.spawn({
          program: { fd: memory },
          args: ['tspod-inside'],
          env: [],
          descriptors: [
            [status.theirs, STATUS_FD],
            [netns, NETNS_FD],
          ],
        })
        kernel.close(status.theirs)
        opened.shift()
        try {
          return receive(kernel, status.ours, openings.length)
        } finally {
          kernel.waitFor(pid)
        }
      } finally {
        for (const fd of opened) kernel.close(fd)
        status.close()
      }
    },
  }
}
