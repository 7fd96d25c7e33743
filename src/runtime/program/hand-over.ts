import { AF_UNIX, AT, F_GETFD, F_SETFL, O, SOCK } from '../../kernel/constants'
import type { Arch } from '../../kernel/numbers'
import { unixAddress } from '../../kernel/unix-sockets'
import { SIG_BLOCK, SIGSET_BYTES, signalSet } from './pause'
import { type Cell, type Label, SyscallProgram } from './program'

/** What a spare process says once it has taken a command, and when that has ended: 8 bytes, a PID, and an exit code. */
export const ANSWER_BYTES = 8

const STREAMS = [0, 1, 2] as const

/** What is compared between a launcher and a spare process, by the names in /proc/self. */
export const COMPARED_TEXTS = [
  'status',
  'stat',
  'limits',
  'loginuid',
  'cgroup',
  'sessionid',
  'oom_score_adj',
  'attr/current',
] as const
export const COMPARED_NAMESPACES = ['cgroup', 'ipc', 'net', 'pid', 'pid_for_children', 'time', 'uts'] as const
/** An ordinary user's launcher has not entered these yet. */
export const ENTERED_NAMESPACES = ['mnt', 'user'] as const

const MSG_NOSIGNAL = 0x4000
const SOL_SOCKET = 1
const SCM_RIGHTS = 1
const SIG_SETMASK = 2
const SIGKILL = 9
/** 128 and SIGKILL: what a shell shows for a program that was killed. */
const KILLED = 137
const OWN_FAILURE = 125

// Those that a fault of our own raises can't wait: SIGILL, SIGTRAP, SIGBUS, SIGFPE, SIGSEGV; and those that stop a
// process are between us and the terminal: SIGTSTP, SIGTTIN, SIGTTOU. The same on both architectures.
const LEFT_ALONE = [4, 5, 7, 8, 11, 20, 21, 22]

const forwarded = (): Buffer =>
  signalSet(...Array.from({ length: 64 }, (_, index) => index + 1).filter((n) => !LEFT_ALONE.includes(n)))

/** Where the launcher's descriptors are in a control message: struct cmsghdr. */
const CMSG_BYTES = 16

/**
 * What a launcher sends: descriptors of its streams, of its arguments, environment and folders, and of what tells its
 * circumstances, in the order of this list. It opens them itself: nobody else need have the right to.
 */
const SENT: readonly (readonly [path: string, flags: number])[] = [
  ['/proc/self/cmdline', O.RDONLY],
  ['/proc/self/environ', O.RDONLY],
  ['.', O.PATH | O.DIRECTORY],
  ['/', O.PATH | O.DIRECTORY],
  ...COMPARED_TEXTS.map((name) => [`/proc/self/${name}`, O.RDONLY] as const),
  ...[...ENTERED_NAMESPACES, ...COMPARED_NAMESPACES].map(
    (kind) => [`/proc/self/ns/${kind}`, O.RDONLY] as const,
  ),
]

export interface Sent {
  streams: number[]
  cmdline: number
  environ: number
  cwd: number
  root: number
  texts: number[]
  namespaces: number[]
}

/** Names the descriptors of a launcher's message; undefined where it is none. */
export const readSent = (descriptors: readonly number[]): Sent | undefined => {
  if (descriptors.length !== STREAMS.length + SENT.length) return undefined
  const [stdin, stdout, stderr, cmdline, environ, cwd, root, ...rest] = descriptors as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    ...number[],
  ]
  const texts = rest.slice(0, COMPARED_TEXTS.length)
  const namespaces = rest.slice(COMPARED_TEXTS.length)
  return { streams: [stdin, stdout, stderr], cmdline, environ, cwd, root, texts, namespaces }
}

// Opens them, and puts their numbers into the control message one after the other: a result has 8 bytes, of which the
// next one overwrites the upper half.
const openSent = (program: SyscallProgram, first: number, refused: Label): void => {
  SENT.forEach(([path, flags], index) => {
    const store = { address: first + index * 4 }
    const [missing, opened] = [program.label(), program.label()]
    const finding = { store, allow: 'any', otherwise: missing, next: opened } as const
    program.step('openat', [AT.FDCWD, path, flags | O.CLOEXEC, 0], `open ${path}`, finding)
    program.place(missing)
    // not every kernel has each of them
    const instead = { store, allow: 'any', otherwise: refused } as const
    program.step('openat', [AT.FDCWD, '/dev/null', O.RDONLY | O.CLOEXEC, 0], 'open nothing', instead)
    program.place(opened)
  })
}

// struct msghdr with one word, which tells the execution domain (personality(2)), and the descriptors (SCM_RIGHTS).
const sendAll = (program: SyscallProgram, socket: Cell, refused: Label): void => {
  const count = STREAMS.length + SENT.length
  const domain = program.cell()
  const vector = Buffer.alloc(16)
  vector.writeBigUInt64LE(BigInt(domain.address), 0)
  vector.writeBigUInt64LE(8n, 8)
  // a word more for the last result's upper half
  const control = Buffer.alloc(CMSG_BYTES + count * 4 + 4)
  control.writeBigUInt64LE(BigInt(CMSG_BYTES + count * 4), 0)
  control.writeInt32LE(SOL_SOCKET, 8)
  control.writeInt32LE(SCM_RIGHTS, 12)
  for (const fd of STREAMS) control.writeInt32LE(fd, CMSG_BYTES + fd * 4)
  const controlAddress = program.addressOf(control)
  const message = Buffer.alloc(56)
  message.writeBigUInt64LE(BigInt(program.addressOf(vector)), 16)
  message.writeBigUInt64LE(1n, 24)
  message.writeBigUInt64LE(BigInt(controlAddress), 32)
  message.writeBigUInt64LE(BigInt((CMSG_BYTES + count * 4 + 7) & ~7), 40)
  openSent(program, controlAddress + CMSG_BYTES + STREAMS.length * 4, refused)
  program.step('personality', [0xffffffff], 'tell the execution domain', { store: domain })
  const sending = { allow: 'any', otherwise: refused } as const
  program.step('sendmsg', [socket, message, MSG_NOSIGNAL], 'hand over', sending)
}

/** A failed call runs the command without a spare, as long as none has taken it. */
const runCold = (program: SyscallProgram, cold: Label): void => {
  program.place(cold)
  program.onFailure(cold)
  // argv is this program, bin/tspod, and what that was given.
  program.step('execve', ['/bin/sh', program.argv, program.envp], 'start without a spare', { allow: 'any' })
  program.step('exit_group', [OWN_FAILURE], 'end')
}

// The one thread waits for the command's end; ours is then what its was.
const waitForEnd = (program: SyscallProgram, socket: Cell, signal: Cell): void => {
  const [ended, dead] = [program.label(), program.label()]
  const [code, self] = [program.cell(), program.cell()]
  const reading = { allow: 'any', otherwise: dead, onPositive: ended } as const
  program.step('read', [socket, code.address, ANSWER_BYTES], 'wait for the end', reading)
  // No code: a signal ended it, the last one that it had from us or, if none, SIGKILL.
  program.place(dead)
  const byDefault = Buffer.alloc(32)
  program.step('rt_sigaction', [signal, byDefault, null, SIGSET_BYTES], 'reset it', { allow: 'any' })
  program.step('rt_sigprocmask', [SIG_SETMASK, signalSet(), null, SIGSET_BYTES], 'allow all signals')
  program.step('getpid', [], 'know itself', { store: self })
  program.step('kill', [self, signal], 'end', { allow: 'any' })
  program.step('exit_group', [KILLED], 'end')
  program.place(ended)
  // It closes its end when nothing of the command is to be waited for.
  program.step('read', [socket, self.address, ANSWER_BYTES], 'wait for the spare', { allow: 'any' })
  program.step('exit_group', [code], 'end')
}

// The other one hands signals on.
const forwardSignals = (program: SyscallProgram, pid: Cell, signal: Cell): void => {
  const wait = program.label()
  program.place(wait)
  const waiting = { store: signal, allow: 'any', otherwise: wait } as const
  program.step('rt_sigtimedwait', [forwarded(), null, null, SIGSET_BYTES], 'wait for a signal', waiting)
  program.step('kill', [pid, signal], 'hand it on', { allow: 'any', otherwise: wait, next: wait })
}

/**
 * What bin/tspod becomes where a spare process may wait at `path`: it hands over its standard streams, hands on each
 * signal, and ends as the command does. Where there is no spare, or one that does not take this command, it becomes
 * /bin/sh again, with the same arguments and environment.
 */
export const handOverProgram = (arch: Arch, path: string): Buffer => {
  const program = new SyscallProgram(arch)
  const [socket, pid, before] = [program.cell(), program.cell(), program.cell()]
  const [refused, cold, taken, ends] = [program.label(), program.label(), program.label(), program.label()]
  const last = Buffer.alloc(8)
  last.writeUInt32LE(SIGKILL)
  const signal = { address: program.addressOf(last) }
  const address = unixAddress(path)
  // A stream that is closed can't be handed over, and a descriptor of ours would get its number.
  for (const fd of STREAMS) program.step('fcntl', [fd, F_GETFD], 'find the streams')
  const type = SOCK.STREAM | SOCK.CLOEXEC | SOCK.NONBLOCK
  program.step('socket', [AF_UNIX, type, 0], 'make a socket', { store: socket })
  // Not waiting: one launcher may be before us, no more.
  program.step('connect', [socket, address, address.length], 'find the spare')
  program.step('fcntl', [socket, F_SETFL, O.RDWR], 'wait from now on')
  program.step('rt_sigprocmask', [SIG_BLOCK, forwarded(), before.address, SIGSET_BYTES], 'keep signals')
  const asking = { allow: 'any', otherwise: refused } as const
  sendAll(program, socket, refused)
  const answered = { ...asking, onPositive: taken }
  program.step('read', [socket, pid.address, ANSWER_BYTES], 'wait to be taken', answered)

  program.place(refused)
  program.step('rt_sigprocmask', [SIG_SETMASK, before.address, null, SIGSET_BYTES], 'allow signals again')
  runCold(program, cold)

  program.place(taken)
  program.thread('start a thread', { allow: 'any', onPositive: ends, otherwise: ends })
  forwardSignals(program, pid, signal)
  program.place(ends)
  waitForEnd(program, socket, signal)
  return program.compile().elf
}
