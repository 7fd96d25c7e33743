import { TspodError } from '../../errors'
import type { Kernel, ProcessId } from '../../kernel'
import { compileExec, type Join } from '../../runtime/init'
import type { Launch } from '../../runtime/launch'
import { resolveUser } from '../../specgen'
import { hasVariable, joinEnvironment } from '../../specgen/environment'
import { specUser } from '../../specgen/spec'
import { specCapabilities } from '../../specgen/spec-security'
import type { OciProcess, OciSpec } from '../../specgen/types'
import type { ContainerRecord } from '../../state'
import type { ExecOptions } from '../api/containers'
import { containerReader } from '../container-root'
import type { EngineContext } from '../context'
import { readSpec } from '../show/container-inspect'
import { readProcsFiles } from '../start/procs-files'
import { compileFilter } from '../start/seccomp'

const JOIN_FD = 101

const kinds = ['user', 'net', 'ipc', 'uts', 'pid', 'cgroup'] as const

/** One join for all namespaces in which the container is not the host's. */
const joinOf = ({ config }: ContainerRecord): Join => ({
  fd: JOIN_FD,
  kinds: kinds.filter((kind) => (config.namespaces[kind]?.mode ?? 'host') !== 'host'),
  owner: 'host',
})

const environment = ({ config }: ContainerRecord, options: ExecOptions, home: string): string[] => {
  const env = joinEnvironment(config.env, options.tty ? ['TERM=xterm'] : [], options.env ?? [])
  if (!hasVariable(env, 'HOSTNAME')) env.push(`HOSTNAME=${config.hostname}`)
  if (!hasVariable(env, 'HOME')) env.push(`HOME=${home}`)
  return env
}

const consoleSize = (kernel: Kernel, { tty, streams = {} }: ExecOptions): OciProcess['consoleSize'] => {
  if (!tty) return undefined
  for (const fd of [streams.stdin, streams.stdout]) {
    const size = fd === undefined ? undefined : kernel.windowSize(fd)
    if (size) return { height: size.rows, width: size.columns }
  }
  return undefined
}

const processOf = async (
  context: EngineContext,
  container: ContainerRecord,
  spec: OciSpec,
  options: ExecOptions,
): Promise<OciProcess> => {
  const { config } = container
  const host = await context.host()
  const user = resolveUser(
    options.user || config.user,
    config.groups,
    await containerReader(context, container),
  )
  const security = options.privileged ? { ...config.security, privileged: true } : config.security
  return {
    terminal: options.tty ?? false,
    consoleSize: consoleSize(await context.kernel(), options),
    cwd: options.workdir ?? config.workdir,
    env: environment(container, options, user.home),
    args: options.command,
    user: specUser(config, { user, host }),
    capabilities: specCapabilities({ ...config, security }, host, user),
    rlimits: spec.process.rlimits,
    noNewPrivileges: spec.process.noNewPrivileges,
    oomScoreAdj: spec.process.oomScoreAdj,
  }
}

/** The program that becomes a command inside. */
export const compileExecLaunch = async (
  context: EngineContext,
  kernel: Kernel,
  container: ContainerRecord,
  target: ProcessId,
  options: ExecOptions,
): Promise<Launch> => {
  const spec = readSpec(context, container.id)
  if (!spec)
    throw new TspodError('state', `container ${container.id} is not running`, { object: container.id })
  const { elf, notes } = compileExec({
    arch: kernel.raw.arch,
    process: await processOf(context, container, spec, options),
    joins: [joinOf(container)],
    procsFiles: readProcsFiles(context, container.id),
    seccompFilter: options.privileged ? undefined : await compileFilter(context, spec.linux.seccomp),
    ownedStreams: options.tty ? [] : options.interactive ? [0, 1, 2] : [1, 2],
    preserveFds: options.preserveFds,
  })
  return {
    program: elf,
    notes,
    descriptors: [{ source: { process: target }, fd: JOIN_FD }],
    terminal: options.tty ?? false,
    command: options.command[0] ?? '',
  }
}
