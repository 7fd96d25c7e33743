import type { OciSeccomp } from '../types'

/** A profile as containers-common and Docker write it: rules with conditions on capabilities, architecture and kernel. */
export interface SeccompProfile {
  defaultAction: string
  defaultErrno?: string
  defaultErrnoRet?: number
  architectures?: string[]
  archMap?: { architecture: string; subArchitectures: string[] }[]
  syscalls: SeccompRule[]
}

export interface SeccompConditions {
  arches?: string[]
  caps?: string[]
  minKernel?: string
}

export interface SeccompRule {
  name?: string
  names?: string[]
  action: string
  errno?: string
  errnoRet?: number
  args?: { index: number; value: number; valueTwo?: number; op: string }[] | null
  includes?: SeccompConditions
  excludes?: SeccompConditions
}

/** Where a host keeps its own profile, the first that exists wins. */
export const hostProfilePaths = [
  '/etc/containers/seccomp.json',
  '/usr/share/containers/seccomp.json',
] as const

/** tspod's own profile. */
export const defaultProfile = (): SeccompProfile => {
  throw new Error('not written yet')
}

/** Reads a profile's JSON text; `path` is for messages. */
export const parseProfile = (_text: string, _path: string): SeccompProfile => {
  throw new Error('not written yet')
}

/** The rules of a profile that hold for a container with these capabilities. */
export const selectSeccomp = (
  _profile: SeccompProfile,
  _facts: { capabilities: readonly string[]; arch: 'x64' | 'arm64'; kernel?: string },
): OciSeccomp => {
  throw new Error('not written yet')
}
