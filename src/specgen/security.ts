import { posix } from 'node:path'
import type { SecurityConfig } from '../state/types'
import { mergeCapabilities } from './capabilities'
import type { CreateContext, HostFacts } from './context-types'
import { parseGoBool } from './go-numbers'
import { invalid, quoted, unsupported } from './refusal'
import type { CreateOptions } from './types'

type Profile = Pick<SecurityConfig, 'noNewPrivileges' | 'mask' | 'unmask'> & { seccomp?: string }

const cut = (text: string): [key: string, value: string | undefined] => {
  // Docker's older notation has a colon.
  const at = text.indexOf(text.includes('=') ? '=' : ':')
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

const checkApparmor = (profile: string, host: HostFacts): void => {
  if (profile === 'unconfined') return
  if (host.readFile('/sys/module/apparmor/parameters/enabled')?.startsWith('Y'))
    throw unsupported(`the apparmor profile ${quoted(profile)}`)
  throw invalid(`apparmor profile ${quoted(profile)} specified, but Apparmor is not enabled on this system`)
}

// Without SELinux a label says nothing, and Podman takes any.
const checkLabel = (value: string, host: HostFacts): void => {
  if (value !== 'disable' && host.readFile('/sys/fs/selinux/enforce') !== undefined)
    throw unsupported(`the SELinux label ${quoted(value)}`)
}

const readOption = (profile: Profile, text: string, host: HostFacts): void => {
  const [key, value] = cut(text)
  if (key === 'no-new-privileges') {
    const truth = value === undefined ? true : parseGoBool(value)
    if (truth === undefined) throw invalid(`invalid --security-opt 2: ${quoted(text)}`)
    profile.noNewPrivileges = truth
    return
  }
  if (value === undefined) throw invalid(`invalid --security-opt 1: ${quoted(text)}`)
  switch (key) {
    case 'apparmor':
      checkApparmor(value, host)
      return
    case 'label':
      checkLabel(value, host)
      return
    case 'mask':
      profile.mask.push(...value.split(':'))
      return
    case 'unmask':
      profile.unmask.push(...value.split(':'))
      return
    case 'seccomp':
      profile.seccomp = value === 'unconfined' ? value : posix.resolve(host.cwd, value)
      return
    case 'systempaths':
      if (value !== 'unconfined')
        throw invalid(`invalid systempaths option ${quoted(value)}, only \`unconfined\` is supported`)
      profile.unmask.push('ALL')
      return
    case 'proc-opts':
      throw unsupported('--security-opt proc-opts')
    default:
      throw invalid(`invalid --security-opt 2: ${quoted(text)}`)
  }
}

/** `--security-opt` values. */
const parseSecurityOptions = (texts: readonly string[], host: HostFacts): Profile => {
  const profile: Profile = { noNewPrivileges: false, mask: [], unmask: [] }
  for (const text of texts) readOption(profile, text, host)
  if (profile.seccomp && profile.seccomp !== 'unconfined' && host.pathKind(profile.seccomp) !== 'file')
    throw invalid(
      `opening seccomp profile failed: open ${profile.seccomp}: no such file or directory`,
      profile.seccomp,
    )
  return profile
}

/** What a container may do. Members of a pod have what was asked of the pod as well. */
export const createSecurity = (options: CreateOptions, context: CreateContext): SecurityConfig => {
  const { host } = context
  const own = parseSecurityOptions(options.securityOpt ?? [], host)
  const pod = context.pod?.infra?.config.security
  const capAdd = [...(options.capAdd ?? [])]
  const capDrop = [...(options.capDrop ?? [])]
  // Wrong names are the user's mistake now, not when it starts.
  if (!options.privileged) mergeCapabilities([], capAdd, capDrop, host.capabilities)
  return {
    privileged: options.privileged ?? false,
    capAdd,
    capDrop,
    noNewPrivileges: own.noNewPrivileges || (pod?.noNewPrivileges ?? false),
    seccomp: own.seccomp ?? pod?.seccomp ?? 'default',
    mask: [...own.mask, ...(pod?.mask ?? [])],
    unmask: [...own.unmask, ...(pod?.unmask ?? [])],
    readOnly: options.readOnly ?? false,
    readOnlyTmpfs: options.readOnlyTmpfs ?? true,
  }
}
