import { closeSync, constants, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { type Kernel, syscallError } from '../../kernel'
import { AT, S } from '../../kernel/constants'
import type { Stdio } from '../launch'

/** Both ends of a program's standard streams. */
export interface StdioPair {
  /** The program's. Close them once it is started. */
  theirs: Stdio
  ours: {
    /** Non-blocking write end; missing where standard input is /dev/null. */
    stdin?: number
    stdout?: number
    stderr?: number
  }
  closeTheirs(): void
  closeOurs(): void
}

export interface StdioRequest {
  /** What is made: pipes with or without standard input, or nothing but /dev/null (a terminal, a detached exec). */
  kind: 'pipes' | 'output-pipes' | 'null'
  /** Paths of the pipes: this and `stdin`, `stdout`, `stderr` after it. They stay there while the program runs. */
  prefix: string
}

const NONBLOCK = constants.O_NONBLOCK

const makeFifo = (kernel: Kernel, path: string): void => {
  rmSync(path, { force: true })
  const result = kernel.mknodat(AT.FDCWD, path, S.IFIFO | 0o600, 0)
  if (result < 0) throw syscallError('mknodat', -result, path, `make named pipe ${path}`)
}

/**
 * Named pipes join a monitor with its programs. The program's output end is open for reading too, so that it neither
 * gets SIGPIPE nor loses a line when the monitor is killed: the next one opens the same pipe. Its input end is not, or
 * it would never see the end of input.
 */
export const openStdio = (kernel: Kernel, { kind, prefix }: StdioRequest): StdioPair => {
  const opened: number[] = []
  const open = (path: string, flags: number) => {
    const fd = openSync(path, flags)
    opened.push(fd)
    return fd
  }
  const closeAll = (fds: (number | undefined)[]) => {
    for (const fd of fds) if (fd !== undefined) closeSync(fd)
  }
  const output = (name: string) => {
    const path = `${prefix}${name}`
    makeFifo(kernel, path)
    return {
      ours: open(path, constants.O_RDONLY | NONBLOCK),
      theirs: open(path, constants.O_RDWR),
    }
  }
  // A write end can be opened without waiting once there is a reader, a read end once there is a writer.
  const input = () => {
    const path = `${prefix}stdin`
    makeFifo(kernel, path)
    const both = open(path, constants.O_RDWR | NONBLOCK)
    const ends = { ours: open(path, constants.O_WRONLY | NONBLOCK), theirs: open(path, constants.O_RDONLY) }
    closeSync(both)
    opened.shift()
    return ends
  }
  try {
    const stdin =
      kind === 'pipes' ? input() : { ours: undefined, theirs: open('/dev/null', constants.O_RDWR) }
    if (kind === 'null') {
      const theirs = { stdin: stdin.theirs, stdout: stdin.theirs, stderr: stdin.theirs }
      return { theirs, ours: {}, closeTheirs: () => closeSync(stdin.theirs), closeOurs: () => {} }
    }
    const stdout = output('stdout')
    const stderr = output('stderr')
    const theirs = { stdin: stdin.theirs, stdout: stdout.theirs, stderr: stderr.theirs }
    const ours = { stdin: stdin.ours, stdout: stdout.ours, stderr: stderr.ours }
    return {
      theirs,
      ours,
      closeTheirs: () => closeAll(Object.values(theirs)),
      closeOurs: () => closeAll(Object.values(ours)),
    }
  } catch (error) {
    closeAll(opened)
    throw error
  }
}

/** Takes the named pipes of a program away. */
export const removeStdio = (prefix: string): void => {
  for (const name of ['stdin', 'stdout', 'stderr']) rmSync(`${prefix}${name}`, { force: true })
}

/** The prefix of a container's pipes. */
export const containerStdioPrefix = (runroot: string, containerId: string): string =>
  join(runroot, 'containers', containerId, '/')

/** The prefix of the pipes of a further program in a container. */
export const execStdioPrefix = (runroot: string, containerId: string, execId: string): string =>
  join(runroot, 'containers', containerId, `exec-${execId}-`)
