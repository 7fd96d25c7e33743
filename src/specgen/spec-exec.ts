import type { ContainerConfig } from '../state/types'
import type { HostFacts, ResolvedUser } from './context-types'
import { createEnvironment, hasVariable, joinEnvironment } from './environment'
import { specUser } from './spec'
import type { OciProcess } from './types'

/** A process beside a container's first one. */
export interface ExecRequest {
  command: string[]
  /** `-e` values. */
  env?: string[]
  hostEnvironment?: Record<string, string>
  workdir?: string
  tty?: boolean
  privileged?: boolean
  user: ResolvedUser
  /** Whether that is the user that the container itself runs as. */
  ownUser: boolean
}

const capabilities = (
  base: OciProcess,
  request: ExecRequest,
  host: HostFacts,
): OciProcess['capabilities'] => {
  const bounding = request.privileged ? [...host.capabilities] : base.capabilities.bounding
  if (request.user.uid === 0)
    return { bounding, effective: bounding, permitted: bounding, inheritable: [], ambient: [] }
  if (request.ownUser && !request.privileged) return { ...base.capabilities, bounding }
  return { bounding, effective: [], permitted: [], inheritable: [], ambient: [] }
}

const environment = (base: OciProcess, request: ExecRequest): string[] => {
  const { env = [], hostEnvironment = {}, tty, user } = request
  const own = createEnvironment({ env, hostEnvironment, httpProxy: false, unsetenvAll: true })
  const joined = joinEnvironment(base.env, own)
  if (tty && !hasVariable(joined, 'TERM')) joined.push('TERM=xterm')
  if (!hasVariable(joined, 'HOME')) joined.push(`HOME=${user.home}`)
  return joined
}

/** The process of an `exec`. `base` is the process of the container's own spec, as it was started. */
export const generateExecProcess = (
  base: OciProcess,
  config: ContainerConfig,
  host: HostFacts,
  request: ExecRequest,
): OciProcess => ({
  ...base,
  terminal: request.tty ?? false,
  cwd: request.workdir || base.cwd,
  args: [...request.command],
  env: environment(base, request),
  user: specUser(config, request),
  capabilities: capabilities(base, request, host),
})
