import { TspodError } from '../errors'
import { type BecomeCalls, becomeCalls } from './become'
import { type FileCalls, fileCalls } from './files'
import { type MemoryCalls, memoryCalls } from './memory'
import { type MountCalls, mountCalls, type NamespaceCalls, namespaceCalls } from './mounts'
import { type NetfilterCalls, netfilterCalls } from './netfilter'
import { type NetlinkCalls, netlinkCalls } from './netlink'
import { type PollCalls, pollCalls } from './polling'
import { readProcFile } from './proc-file'
import { type ProcessCalls, processCalls } from './processes'
import { type ProgramCalls, programCalls } from './programs'
import { openRawKernel, type RawKernel } from './raw'
import { releaseProblem } from './release'
import { type SocketCalls, socketCalls } from './sockets'
import { type SpawnCalls, spawnCalls } from './spawn'
import { type TerminalCalls, terminalCalls } from './terminals'
import { type UnixSocketCalls, unixSocketCalls } from './unix-sockets'

/**
 * Every system call that tspod makes, by topic. Handed to whoever needs it, never reached through a global, so that a
 * test can hand in another. Methods throw a TspodError that names the call, the errno and the object; those documented
 * as returning `-errno` leave the decision to the caller.
 */
export interface Kernel
  extends BecomeCalls,
    FileCalls,
    MemoryCalls,
    MountCalls,
    NamespaceCalls,
    NetfilterCalls,
    NetlinkCalls,
    PollCalls,
    ProcessCalls,
    ProgramCalls,
    SocketCalls,
    SpawnCalls,
    TerminalCalls,
    UnixSocketCalls {
  readonly raw: RawKernel
}

/** The kernel built on a way to enter it: the real one, or a recorder. */
export const kernelOn = (raw: RawKernel): Kernel => {
  const mounts = mountCalls(raw)
  const spawns = spawnCalls(raw)
  return {
    raw,
    ...becomeCalls(raw),
    ...fileCalls(raw),
    ...memoryCalls(raw),
    ...mounts,
    ...namespaceCalls(raw, mounts),
    ...netfilterCalls(raw),
    ...netlinkCalls(raw),
    ...pollCalls(raw),
    ...processCalls(raw),
    ...programCalls(raw, spawns),
    ...socketCalls(raw),
    ...spawns,
    ...terminalCalls(raw),
    ...unixSocketCalls(raw),
  }
}

/** The running Linux kernel. Loads koffi (about 4 ms). Throws code `unsupported` where the kernel is too old. */
export const openKernel = (): Kernel => {
  const release = readProcFile('/proc/sys/kernel/osrelease').trim()
  const problem = releaseProblem(release)
  if (problem) throw new TspodError('unsupported', problem, { call: 'uname', object: release })
  return kernelOn(openRawKernel())
}

export { Errno, errnoName, errnoText } from './errno'
export type { KernelPath } from './files'
export { type NamespaceKind, namespaceFlag } from './mounts'
export type { Link, LinkAddress, LinkChange, Netlink, Prefix, Route } from './netlink'
export { identifyProcess, isProcessAlive, type ProcessId, readBootId } from './processes'
export type { ProgramOptions, ProgramResult } from './programs'
export { checked, cstring, type RawKernel, syscallError } from './raw'
export type { SocketAddress } from './sockets'
export type { ProcessExit, SpawnRequest } from './spawn'
export type { WindowSize } from './terminals'
