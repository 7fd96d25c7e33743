import { invalid, quoted } from '../refusal'

/** A profile as containers-common and Docker write it: rules with conditions on capabilities, architecture and kernel. */
export interface SeccompProfile {
  defaultAction: string
  defaultErrno?: string
  defaultErrnoRet?: number
  architectures?: string[]
  archMap?: { architecture: string; subArchitectures: string[] | null }[] | null
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

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string'

const isRule = (value: unknown): value is SeccompRule =>
  isRecord(value) &&
  isText(value.action) &&
  (isText(value.name) || (Array.isArray(value.names) && value.names.every(isText)))

/** Reads a profile's JSON text; `path` is for messages. */
export const parseProfile = (text: string, path: string): SeccompProfile => {
  const failed = (why: string) => invalid(`loading seccomp profile (${path}) failed: ${why}`, path)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw failed(`decoding seccomp profile failed: ${(error as Error).message}`)
  }
  if (!isRecord(value) || !isText(value.defaultAction)) throw failed('there is no defaultAction')
  const rules = value.syscalls ?? []
  if (!Array.isArray(rules)) throw failed('syscalls is no list')
  const wrong = rules.find((rule) => !isRule(rule))
  if (wrong !== undefined) throw failed(`a rule needs names and an action: ${quoted(JSON.stringify(wrong))}`)
  return { ...(value as unknown as SeccompProfile), syscalls: rules as SeccompRule[] }
}
