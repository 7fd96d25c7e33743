import { Errno } from '../../kernel'
import { F_SETFL, O, PR } from '../../kernel/constants'
import type { Arch } from '../../kernel/numbers'
import { ignoreSignal } from './pause'
import { type Label, SyscallProgram } from './program'

/** Name of the process, as `ps` shows it. */
export const SPLICE_NAME = 'tspod-splice'

/** Descriptors of the program: the two sockets, and the end of a pipe whose closing tells of its end. */
export const [ONE, OTHER, LIFE] = [3, 4, 5] as const

/** Bytes in the kernel's pipe between two sockets; what an ordinary user may have at most, unless told otherwise. */
const PIPE_BYTES = 1 << 20
const F_SETPIPE_SZ = 1031
const SPLICE = { MOVE: 1, NONBLOCK: 2 } as const
const SHUT_WR = 1
const SOL_SOCKET = 1
const SO_LINGER = 13
const [SIGKILL, SIGPIPE] = [9, 13] as const

// One direction, until its source has said all: what one call has read, the next ones send, and nothing is copied.
const oneWay = (program: SyscallProgram, from: number, to: number): void => {
  const pair = program.addressOf(Buffer.alloc(16))
  // Of a word that is passed as a descriptor the kernel takes the lower half.
  const [output, input] = [{ address: pair }, { address: pair + 4 }]
  const [read, send] = [program.label(), program.label()]
  program.step('pipe2', [pair, O.CLOEXEC], 'make a pipe')
  for (const size of [PIPE_BYTES / 4, PIPE_BYTES])
    program.step('fcntl', [input, F_SETPIPE_SZ, size], 'enlarge the pipe', { allow: 'any' })
  program.place(read)
  // Whoever waits for this core goes first, and there is more to read at once: a quarter more throughput on few cores.
  program.step('sched_yield', [], 'let others run', { allow: 'any' })
  program.step('splice', [from, null, input, null, PIPE_BYTES, SPLICE.MOVE], 'read', { onPositive: send })
  program.step('shutdown', [to, SHUT_WR], 'end', { allow: 'any' })
  program.step('exit', [0], 'end')
  program.place(send)
  // It waits for the socket, but not for more in the pipe.
  const emptied = { allow: [Errno.EAGAIN], otherwise: read, next: send }
  const flags = SPLICE.MOVE | SPLICE.NONBLOCK
  program.step('splice', [output, null, to, null, PIPE_BYTES, flags], 'send', emptied)
}

// struct linger { on, 0 seconds }: closing resets the connection.
const linger = (): Buffer => Buffer.from([1, 0, 0, 0, 0, 0, 0, 0])

const resetBoth = (program: SyscallProgram, failed: Label): void => {
  program.place(failed)
  program.onFailure(failed)
  for (const socket of [ONE, OTHER])
    program.step('setsockopt', [socket, SOL_SOCKET, SO_LINGER, linger(), 8], 'reset', { allow: 'any' })
  program.step('exit_group', [1], 'end')
}

/**
 * Moves bytes between two sockets, one thread for each direction, until both have ended; a failure of either resets
 * both. Waiting is the kernel's: nothing is polled.
 */
export const spliceProgram = (arch: Arch): Buffer => {
  const program = new SyscallProgram(arch)
  const [back, failed] = [program.label(), program.label()]
  program.step('prctl', [PR.SET_PDEATHSIG, SIGKILL, 0, 0, 0], 'end with the relay')
  program.step('prctl', [PR.SET_NAME, SPLICE_NAME, 0, 0, 0], 'set the name')
  program.step('rt_sigaction', [SIGPIPE, ignoreSignal(), null, 8], 'ignore closed connections')
  for (const socket of [ONE, OTHER]) program.step('fcntl', [socket, F_SETFL, O.RDWR], 'wait for the socket')
  program.thread('start a thread', { onPositive: back })
  oneWay(program, ONE, OTHER)
  program.place(back)
  oneWay(program, OTHER, ONE)
  resetBoth(program, failed)
  return program.compile().elf
}
