import { TspodError } from '../errors'
import { F_ADD_SEALS, F_DUPFD_CLOEXEC, F_SEAL, MFD, WAIT } from './constants'
import { Errno, errnoName, errnoText } from './errno'
import { checked, cstring, type LibcFunction, type RawKernel } from './raw'

/** How a process ended: the code it gave, or the signal that ended it, as a shell tells them (128 + signal). */
export interface ProcessExit {
  pid: number
  code: number
  signal: number
}

export interface SpawnRequest {
  /** Program to run, as a path or as the descriptor of an executable file (a memfd). */
  program: string | { fd: number }
  args: readonly string[]
  env: readonly string[]
  /** Descriptors of the child: `[ours, theirs]`. All others are closed there, as ours are close-on-exec. */
  descriptors: readonly (readonly [ours: number, theirs: number])[]
  /** The child becomes the leader of a session of its own. */
  newSession?: boolean
}

export interface SpawnCalls {
  /**
   * posix_spawn(3): starts a process with default signal actions and an empty signal mask; its PID.
   * It shares our memory until it executes, so it costs no copy of Node's.
   */
  spawn(request: SpawnRequest): number
  /** wait4(2) for a child that `spawn` made, not waiting; undefined while it runs; null where it is no child of ours. */
  reap(pid: number): ProcessExit | undefined | null
  /** wait4(2), waiting on the main thread: only for programs that end at once. */
  waitFor(pid: number): ProcessExit
  /** A sealed, executable memory file with `bytes`; where the kernel forbids those, undefined. */
  executableMemory(name: string, bytes: Uint8Array): number | undefined
}

const POINTER = 8
// Larger than glibc's and musl's posix_spawnattr_t (336 bytes), posix_spawn_file_actions_t (80) and sigset_t (128).
const OPAQUE = 512

const POSIX_SPAWN = { SETSIGDEF: 4, SETSIGMASK: 8, SETSID: 0x80 } as const

const exitOf = (pid: number, status: number): ProcessExit => {
  const signal = status & 0x7f
  return { pid, signal, code: signal ? 128 + signal : (status >> 8) & 0xff }
}

interface SpawnFunctions {
  spawn: LibcFunction
  actionsInit: LibcFunction
  actionsDup: LibcFunction
  actionsDestroy: LibcFunction
  attrInit: LibcFunction
  attrFlags: LibcFunction
  attrDefault: LibcFunction
  attrMask: LibcFunction
  attrDestroy: LibcFunction
}

const bind = (raw: RawKernel): SpawnFunctions => ({
  spawn: raw.libc(
    'int posix_spawn(void *pid, const char *path, void *actions, void *attr, const char **argv, const char **envp)',
  ),
  actionsInit: raw.libc('int posix_spawn_file_actions_init(void *actions)'),
  actionsDup: raw.libc('int posix_spawn_file_actions_adddup2(void *actions, int from, int to)'),
  actionsDestroy: raw.libc('int posix_spawn_file_actions_destroy(void *actions)'),
  attrInit: raw.libc('int posix_spawnattr_init(void *attr)'),
  attrFlags: raw.libc('int posix_spawnattr_setflags(void *attr, short flags)'),
  attrDefault: raw.libc('int posix_spawnattr_setsigdefault(void *attr, void *set)'),
  attrMask: raw.libc('int posix_spawnattr_setsigmask(void *attr, void *set)'),
  attrDestroy: raw.libc('int posix_spawnattr_destroy(void *attr)'),
})

// All 64 signals but the two that the C library keeps for itself (32 and 33), SIGKILL and SIGSTOP.
const resettableSignals = (): Buffer => {
  const set = Buffer.alloc(128)
  const kept = [9, 19, 32, 33]
  for (let signal = 1; signal <= 64; signal++) {
    if (!kept.includes(signal)) set[(signal - 1) >> 3]! |= 1 << ((signal - 1) & 7)
  }
  return set
}

const firstFree = (descriptors: SpawnRequest['descriptors']): number =>
  Math.max(64, ...descriptors.flat()) + 1

/**
 * A program's descriptor above all that the child rearranges: one of those could take its number, and would be executed
 * in its place. It closes when that happens; the caller closes its own.
 */
const programAbove = (raw: RawKernel, fd: number, descriptors: SpawnRequest['descriptors']): number =>
  checked(
    raw.call('fcntl', fd, F_DUPFD_CLOEXEC, firstFree(descriptors) + descriptors.length),
    'fcntl',
    'program',
  )

/**
 * dup2 onto a number that is also one of our sources would lose that source, so every source is first moved out of
 * the way, above all targets.
 */
const dupPlan = (descriptors: SpawnRequest['descriptors']): [number, number][] => {
  const above = firstFree(descriptors)
  return [
    ...descriptors.map(([ours], index): [number, number] => [ours, above + index]),
    ...descriptors.map(([, theirs], index): [number, number] => [above + index, theirs]),
  ]
}

const spawnProcess = (
  libc: SpawnFunctions,
  closeAbove: LibcFunction | undefined,
  request: SpawnRequest,
  path: string,
): number => {
  const actions = Buffer.alloc(OPAQUE)
  const attr = Buffer.alloc(OPAQUE)
  const pid = Buffer.alloc(POINTER)
  libc.actionsInit(actions)
  libc.attrInit(attr)
  try {
    const plan = dupPlan(request.descriptors)
    const temporary = plan.slice(0, request.descriptors.length).map(([, to]) => to)
    for (const [from, to] of plan) libc.actionsDup(actions, from, to)
    if (closeAbove) for (const fd of temporary) closeAbove(actions, fd)
    libc.attrFlags(
      attr,
      POSIX_SPAWN.SETSIGDEF | POSIX_SPAWN.SETSIGMASK | (request.newSession ? POSIX_SPAWN.SETSID : 0),
    )
    libc.attrDefault(attr, resettableSignals())
    libc.attrMask(attr, Buffer.alloc(128))
    const failed = libc.spawn(pid, path, actions, attr, [...request.args, null], [...request.env, null])
    if (failed) {
      const context = { call: 'posix_spawn', errno: errnoName(failed), object: path }
      throw new TspodError('system', `start ${path}: ${errnoText(failed)}`, context)
    }
    return pid.readInt32LE(0)
  } finally {
    libc.actionsDestroy(actions)
    libc.attrDestroy(attr)
  }
}

const waitStatus = (raw: RawKernel, pid: number, flags: number): ProcessExit | undefined | null => {
  const status = Buffer.alloc(4)
  const result = raw.call('wait4', pid, status, flags, null)
  if (result === 0 || result === -Errno.EINTR) return undefined
  if (result < 0) return null
  return exitOf(pid, status.readInt32LE(0))
}

export const spawnCalls = (raw: RawKernel): SpawnCalls => {
  let libc: SpawnFunctions | undefined
  let close: LibcFunction | undefined
  return {
    spawn: (request) => {
      libc ??= bind(raw)
      close ??= raw.libc('int posix_spawn_file_actions_addclose(void *actions, int fd)')
      if (typeof request.program === 'string') return spawnProcess(libc, close, request, request.program)
      const fd = programAbove(raw, request.program.fd, request.descriptors)
      try {
        return spawnProcess(libc, close, request, `/proc/self/fd/${fd}`)
      } finally {
        raw.call('close', fd)
      }
    },
    reap: (pid) => waitStatus(raw, pid, WAIT.NOHANG),
    waitFor: (pid) => {
      for (;;) {
        const exit = waitStatus(raw, pid, 0)
        if (exit) return exit
        if (exit === null)
          throw new TspodError('system', `wait for process ${pid}: no child process`, { call: 'wait4' })
      }
    },
    executableMemory: (name, bytes) => {
      let fd = raw.call('memfd_create', cstring(name), MFD.CLOEXEC | MFD.ALLOW_SEALING | MFD.EXEC)
      // MFD_EXEC is known from Linux 6.3 on.
      if (fd === -Errno.EINVAL) fd = raw.call('memfd_create', cstring(name), MFD.CLOEXEC | MFD.ALLOW_SEALING)
      if (fd < 0) return undefined
      checked(raw.call('write', fd, bytes, bytes.length), 'write', name)
      const seals = F_SEAL.SEAL | F_SEAL.SHRINK | F_SEAL.GROW | F_SEAL.WRITE
      checked(raw.call('fcntl', fd, F_ADD_SEALS, seals), 'fcntl', name)
      return fd
    },
  }
}
