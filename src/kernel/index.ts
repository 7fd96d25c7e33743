import { type FileCalls, fileCalls } from './files'
import { type MountCalls, mountCalls, type NamespaceCalls, namespaceCalls } from './mounts'
import { type ProcessCalls, processCalls } from './processes'
import { openRawKernel, type RawKernel } from './raw'
import { type SpawnCalls, spawnCalls } from './spawn'

/**
 * Every system call that tspod makes, by topic. Handed to whoever needs it, never reached through a global, so that a
 * test can hand in another. Methods throw a TspodError that names the call, the errno and the object; those documented
 * as returning `-errno` leave the decision to the caller.
 */
export interface Kernel extends FileCalls, MountCalls, NamespaceCalls, ProcessCalls, SpawnCalls {
  readonly raw: RawKernel
}

/** The kernel built on a way to enter it: the real one, or a recorder. */
export const kernelOn = (raw: RawKernel): Kernel => {
  const mounts = mountCalls(raw)
  return {
    raw,
    ...fileCalls(raw),
    ...mounts,
    ...namespaceCalls(raw, mounts),
    ...processCalls(raw),
    ...spawnCalls(raw),
  }
}

/** The running Linux kernel. Loads koffi (about 4 ms). */
export const openKernel = (): Kernel => kernelOn(openRawKernel())

export { Errno, errnoName, errnoText } from './errno'
export type { KernelPath } from './files'
export { type NamespaceKind, namespaceFlag } from './mounts'
export type { ProcessId } from './processes'
export { checked, cstring, type RawKernel, syscallError } from './raw'
export type { ProcessExit, SpawnRequest } from './spawn'
