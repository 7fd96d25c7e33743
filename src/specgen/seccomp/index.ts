import { invalid } from '../refusal'
import type { OciSeccomp } from '../types'
import type { SeccompConditions, SeccompProfile, SeccompRule } from './profile'

export interface SeccompFacts {
  /** Of the bounding set, as `CAP_CHOWN`. */
  capabilities: readonly string[]
  arch: 'x64' | 'arm64'
  /** Release of the kernel, such as `6.1.0-18-amd64`. */
  kernel?: string
}

/** Names as profiles have them, which are Go's and libseccomp's. */
const arches = {
  x64: { go: 'amd64', native: 'SCMP_ARCH_X86_64' },
  arm64: { go: 'arm64', native: 'SCMP_ARCH_AARCH64' },
} as const

const versionOf = (text: string): [major: number, minor: number] => {
  const [, major, minor] = /^(\d+)\.(\d+)/.exec(text) ?? []
  if (major === undefined) throw invalid(`seccomp profile: ${JSON.stringify(text)} is no kernel version`)
  return [Number(major), Number(minor)]
}

const isAtLeast = (kernel: string, wanted: string): boolean => {
  const [have, want] = [versionOf(kernel), versionOf(wanted)]
  return have[0] === want[0] ? have[1] >= want[1] : have[0] > want[0]
}

const isIncluded = (conditions: SeccompConditions | undefined, facts: SeccompFacts): boolean => {
  const { arches: names, caps, minKernel } = conditions ?? {}
  if (names?.length && !names.includes(arches[facts.arch].go)) return false
  if (caps?.some((name) => !facts.capabilities.includes(name))) return false
  return !minKernel || facts.kernel === undefined || isAtLeast(facts.kernel, minKernel)
}

const isExcluded = (conditions: SeccompConditions | undefined, facts: SeccompFacts): boolean => {
  const { arches: names, caps, minKernel } = conditions ?? {}
  if (names?.includes(arches[facts.arch].go)) return true
  if (caps?.some((name) => facts.capabilities.includes(name))) return true
  return Boolean(minKernel) && facts.kernel !== undefined && isAtLeast(facts.kernel, minKernel ?? '')
}

const errnos: Record<string, number> = { EPERM: 1, EACCES: 13, EINVAL: 22, ENOSYS: 38, ENODEV: 19 }

/** Profiles name an errno by its word, by its number, or both. Both halves of a file by hand may be swapped. */
const errnoOf = (
  name: string | number | undefined,
  number: string | number | undefined,
): number | undefined => {
  for (const value of [name, number]) {
    if (value === undefined || value === '') continue
    const known = errnos[value] ?? Number(value)
    if (Number.isInteger(known)) return known
  }
  return undefined
}

const architecturesOf = (profile: SeccompProfile, facts: SeccompFacts): string[] => {
  const { native } = arches[facts.arch]
  const row = profile.archMap?.find(({ architecture }) => architecture === native)
  return row ? [native, ...(row.subArchitectures ?? [])] : (profile.architectures ?? [native])
}

const ruleOf = (rule: SeccompRule): OciSeccomp['syscalls'][number] => {
  const names = [...(rule.names ?? []), ...(rule.name ? [rule.name] : [])]
  const errnoRet = errnoOf(rule.errno, rule.errnoRet)
  const args = rule.args?.length ? rule.args : undefined
  return {
    names,
    action: rule.action,
    ...(errnoRet === undefined ? {} : { errnoRet }),
    ...(args ? { args } : {}),
  }
}

/** The rules of a profile that hold for a container with these capabilities. */
export const selectSeccomp = (profile: SeccompProfile, facts: SeccompFacts): OciSeccomp => {
  const defaultErrnoRet = errnoOf(profile.defaultErrno, profile.defaultErrnoRet)
  return {
    defaultAction: profile.defaultAction,
    ...(defaultErrnoRet === undefined ? {} : { defaultErrnoRet }),
    architectures: architecturesOf(profile, facts),
    syscalls: profile.syscalls
      .filter((rule) => isIncluded(rule.includes, facts) && !isExcluded(rule.excludes, facts))
      .map(ruleOf),
  }
}

export { defaultProfile } from './default-profile'
export { hostProfilePaths, parseProfile, type SeccompProfile } from './profile'
