import { readlinkSync } from 'node:fs'

const KINDS = ['cgroup', 'ipc', 'mnt', 'net', 'pid', 'user', 'uts'] as const
export type Kind = (typeof KINDS)[number]

/** `uts:[4026531838]` of a process, by the kernel. */
export const namespaceOf = (pid: number | 'self', kind: Kind): string =>
  readlinkSync(`/proc/${pid}/ns/${kind}`)

/** Kinds of namespace that two processes share. */
export const sharedKinds = (one: number | 'self', other: number | 'self'): Kind[] =>
  KINDS.filter((kind) => namespaceOf(one, kind) === namespaceOf(other, kind))
