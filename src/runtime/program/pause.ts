import { Errno } from '../../kernel'
import type { Arch } from '../../kernel/numbers'
import { SyscallProgram } from './program'

const [SIGINT, SIGTERM, SIGCHLD] = [2, 15, 17] as const
export const SIG_BLOCK = 0
export const SIGSET_BYTES = 8

export const signalSet = (...signals: number[]): Buffer => {
  const set = Buffer.alloc(SIGSET_BYTES)
  for (const signal of signals) set[(signal - 1) >> 3]! |= 1 << ((signal - 1) & 7)
  return set
}

/** struct kernel_sigaction with SIG_IGN (1). Of SIGCHLD, the kernel then reaps children and adopted orphans by itself. */
export const ignoreSignal = (): Buffer => {
  const action = Buffer.alloc(32)
  action.writeBigUInt64LE(1n)
  return action
}

/** Sleeps until SIGTERM or SIGINT, with children reaped by the kernel, and ends with 0. */
export const waitForEnd = (program: SyscallProgram): void => {
  const wait = program.label()
  program.step('rt_sigprocmask', [SIG_BLOCK, signalSet(SIGINT, SIGTERM), null, SIGSET_BYTES], 'block signals')
  program.step('rt_sigaction', [SIGCHLD, ignoreSignal(), null, SIGSET_BYTES], 'ignore children')
  program.place(wait)
  const waiting = { allow: [Errno.EINTR], otherwise: wait }
  program.step('rt_sigtimedwait', [signalSet(SIGINT, SIGTERM), null, null, SIGSET_BYTES], 'wait', waiting)
  program.step('exit_group', [0], 'end')
}

/**
 * The program of the infra container: it holds the pod's namespaces, lets the kernel reap orphans, and ends on SIGTERM.
 * The signals are blocked and waited for: as PID 1 it would not get them otherwise.
 */
export const pauseProgram = (arch: Arch): Buffer => {
  const program = new SyscallProgram(arch)
  waitForEnd(program)
  const failed = program.label()
  program.place(failed)
  program.onFailure(failed)
  program.step('exit_group', [1], 'end')
  return program.compile().elf
}
