import { Errno } from '../../kernel'
import { PR } from '../../kernel/constants'
import type { Cell, Label, SyscallProgram } from '../program/program'

const SIGSET_BYTES = 8
const [SIG_BLOCK, SIG_SETMASK] = [0, 2] as const
const SIGCHLD = 17
const MAX_DESCRIPTOR = 0xffffffff
const TIOCSPGRP = 0x5410

const FUTEX_CMP_REQUEUE_PRIVATE = 4 | 128
const P_ALL = 0
const [WNOHANG, WEXITED, WNOWAIT] = [1, 4, 0x1000000] as const
const CLD_EXITED = 1

/** Offsets in siginfo_t of a child's end, 64 bits. */
const Info = { code: 8, pid: 16, status: 24, bytes: 128 } as const

const at = (address: number): Cell => ({ address })

/**
 * Goes on at `otherwise` unless the 32 bits at `address` are `value`. A program has no comparison of its own, but a
 * futex(2) that is to move no waiter compares, and does nothing else.
 */
const unlessEqual = (
  program: SyscallProgram,
  address: number,
  value: number | Cell,
  otherwise: Label,
): void => {
  const other = program.addressOf(Buffer.alloc(8))
  const args = [address, FUTEX_CMP_REQUEUE_PRIVATE, 0, 0, other, value]
  program.step('futex', args, 'compare', { allow: [Errno.EAGAIN], otherwise })
}

// The signals by which programs commonly end; any other is told as SIGKILL.
const endings = [9, 15, 6, 11, 2, 1, 3, 4, 7, 8, 13, 14, 24, 25, 31]

// Ends as the command did: with its code, or with 128 and its signal.
const endAlike = (program: SyscallProgram, info: number): void => {
  const killed = program.label()
  unlessEqual(program, info + Info.code, CLD_EXITED, killed)
  program.step('exit_group', [at(info + Info.status)], 'end')
  program.place(killed)
  for (const signal of endings) {
    const next = program.label()
    unlessEqual(program, info + Info.status, signal, next)
    program.step('exit_group', [128 + signal], 'end')
    program.place(next)
  }
  program.step('exit_group', [128 + 9], 'end')
}

const watch = (program: SyscallProgram, child: Cell): void => {
  const [loop, forward, reap, end, orphan] = Array.from({ length: 5 }, () => program.label()) as [
    Label,
    Label,
    Label,
    Label,
    Label,
  ]
  const all = Buffer.alloc(SIGSET_BYTES, 0xff)
  const signal = program.cell()
  const info = program.addressOf(Buffer.alloc(Info.bytes))
  program.place(loop)
  const interrupted = { allow: [Errno.EINTR, Errno.EAGAIN], otherwise: loop, store: signal }
  program.step('rt_sigtimedwait', [all, null, null, SIGSET_BYTES], 'wait for a signal', interrupted)
  unlessEqual(program, signal.address, SIGCHLD, forward)
  program.place(reap)
  const options = WEXITED | WNOHANG | WNOWAIT
  program.step('waitid', [P_ALL, 0, info, options, null], 'look for a child', {
    allow: 'any',
    otherwise: loop,
  })
  const some = program.label()
  unlessEqual(program, info + Info.pid, 0, some)
  program.jump(loop)
  program.place(some)
  unlessEqual(program, info + Info.pid, child, orphan)
  program.place(end)
  endAlike(program, info)
  program.place(orphan)
  program.step('wait4', [at(info + Info.pid), null, WNOHANG, null], 'reap', {
    allow: 'any',
    otherwise: reap,
    next: reap,
  })
  program.place(forward)
  program.step('kill', [child, signal], 'pass the signal on', { allow: 'any', otherwise: loop, next: loop })
}

/**
 * `--init`: what goes on after this is a child; the process itself stays as its parent, passes signals on, reaps
 * orphans, and ends as the child does.
 */
export const stayAsReaper = (program: SyscallProgram): void => {
  const [parent, child] = [program.label(), program.label()]
  const pid = program.cell()
  const [all, none] = [Buffer.alloc(SIGSET_BYTES, 0xff), Buffer.alloc(SIGSET_BYTES)]
  program.step('prctl', [PR.SET_CHILD_SUBREAPER, 1, 0, 0, 0], 'adopt orphans')
  program.step('rt_sigprocmask', [SIG_BLOCK, all, null, SIGSET_BYTES], 'block signals')
  const options = { store: pid, onPositive: parent, next: child }
  program.step('clone', [SIGCHLD, 0, 0, 0, 0], 'make the command’s process', options)
  program.place(parent)
  program.step('close_range', [0, MAX_DESCRIPTOR, 0], 'close descriptors')
  watch(program, pid)
  program.place(child)
  const own = program.cell()
  program.step('setpgid', [0, 0], 'make a process group', { allow: 'any' })
  program.step('getpid', [], 'ask for the own PID', { store: own })
  // Where there is a terminal, its keys go to the command.
  program.step('ioctl', [0, TIOCSPGRP, own.address], 'take the terminal', { allow: 'any' })
  program.step('rt_sigprocmask', [SIG_SETMASK, none, null, SIGSET_BYTES], 'unblock signals')
}
