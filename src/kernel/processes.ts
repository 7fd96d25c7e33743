import { Errno } from './errno'
import { readProcFile } from './proc-file'
import { checked, type RawKernel } from './raw'

/** A process that can be told from a later one with the same PID. */
export interface ProcessId {
  pid: number
  /** Field 22 of /proc/PID/stat: clock ticks after the boot. */
  startTime: number
  /** /proc/sys/kernel/random/boot_id */
  bootId: string
}

export interface ProcessCalls {
  /** Identity of a running process; undefined where there is none (a zombie counts as gone). */
  identify(pid: number): ProcessId | undefined
  /** Whether exactly that process still runs. */
  isAlive(process: ProcessId): boolean
  bootId(): string
  /** pidfd_open(2); the descriptor, or undefined where the process is gone. */
  pidfdOpen(pid: number): number | undefined
  /** pidfd_send_signal(2) to exactly that process; false where it is gone. */
  signal(process: ProcessId, signal: number): boolean
  /** exit_group(2): ends the process at once, with none of its C libraries' clean-up. */
  exitProcess(code: number): never
  /** prctl(2) with integers. */
  prctl(option: number, value: number): number
}

// comm may hold spaces and brackets: the fields that follow start after the last one.
const statFields = (pid: number): string[] | undefined => {
  try {
    const text = readProcFile(`/proc/${pid}/stat`)
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

const STATE = 0
const START_TIME = 19

let boot: string | undefined

/** Identity of the running boot. Needs no system call of ours, as the two below. */
export const readBootId = (): string => {
  boot ??= readProcFile('/proc/sys/kernel/random/boot_id').trim()
  return boot
}

/** Identity of a running process; undefined where there is none (a zombie counts as gone). */
export const identifyProcess = (pid: number): ProcessId | undefined => {
  const fields = statFields(pid)
  if (!fields || fields[STATE] === 'Z' || fields[STATE] === 'X') return undefined
  return { pid, startTime: Number(fields[START_TIME]), bootId: readBootId() }
}

/** Whether exactly that process still runs. */
export const isProcessAlive = (process: ProcessId): boolean =>
  process.bootId === readBootId() && identifyProcess(process.pid)?.startTime === process.startTime

export const processCalls = (raw: RawKernel): ProcessCalls => {
  const isAlive = isProcessAlive
  const pidfdOpen = (pid: number) => {
    const fd = raw.call('pidfd_open', pid, 0)
    if (fd === -Errno.ESRCH) return undefined
    return checked(fd, 'pidfd_open', `process ${pid}`)
  }
  return {
    bootId: readBootId,
    identify: identifyProcess,
    isAlive,
    pidfdOpen,
    signal: (process, signal) => {
      const fd = pidfdOpen(process.pid)
      if (fd === undefined) return false
      try {
        if (!isAlive(process)) return false
        const result = raw.call('pidfd_send_signal', fd, signal, null, 0)
        if (result === -Errno.ESRCH) return false
        checked(
          result,
          'pidfd_send_signal',
          `process ${process.pid}`,
          `send signal ${signal} to process ${process.pid}`,
        )
        return true
      } finally {
        raw.call('close', fd)
      }
    },
    exitProcess: (code) => {
      raw.call('exit_group', code)
      throw new Error('exit_group returned')
    },
    prctl: (option, value) => raw.call('prctl', option, value, 0, 0, 0),
  }
}
