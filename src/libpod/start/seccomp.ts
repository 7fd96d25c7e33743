import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { OciSeccomp } from '../../specgen/types'
import type { ContainerConfig } from '../../state'
import { fileError } from '../../state'
import type { EngineContext } from '../context'

const readProfile = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw fileError('open', path, error)
  }
}

/** The rules for a container's system calls; undefined where it has none. */
export const selectFilter = async (
  context: EngineContext,
  config: ContainerConfig,
): Promise<OciSeccomp | undefined> => {
  const { wantsSeccomp } = await import('../../specgen/spec')
  const host = await context.host()
  if (!wantsSeccomp(config) || !host.seccomp) return undefined
  const { defaultProfile, hostProfilePaths, parseProfile, selectSeccomp } = await import(
    '../../specgen/seccomp'
  )
  const { specCapabilities } = await import('../../specgen/spec-security')
  const { seccomp: wanted } = config.security
  const path = wanted === 'default' ? hostProfilePaths.find((each) => host.pathKind(each)) : wanted
  const profile = path ? parseProfile(readProfile(path), path) : defaultProfile()
  const { raw } = await context.kernel()
  const { bounding: capabilities } = specCapabilities(config, host, { uid: 0 })
  return selectSeccomp(profile, { capabilities, arch: raw.arch })
}

/** The rules as a program of the kernel's; undefined, with a warning, where libseccomp is missing. */
export const compileFilter = async (
  context: EngineContext,
  filter: OciSeccomp | undefined,
): Promise<Buffer | undefined> => {
  if (!filter) return undefined
  const { cachedSeccomp } = await import('../../kernel/seccomp-cache')
  const { raw } = await context.kernel()
  const program = cachedSeccomp(raw, filter, join(context.runroot, 'seccomp'))
  if (!program) context.warn('libseccomp.so.2 is missing: system calls of the container are not filtered')
  return program
}
