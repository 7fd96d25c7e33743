import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TspodError } from '../errors'
import type { Kernel, ProcessId } from '../kernel'
import { execAttached } from '../runtime/attach/exec-attached'
import { compileExec, type Join } from '../runtime/init'
import type { Launch } from '../runtime/launch'
import { resolveUser } from '../specgen'
import { hasVariable, joinEnvironment } from '../specgen/environment'
import { specUser } from '../specgen/spec'
import { specCapabilities } from '../specgen/spec-security'
import type { OciProcess, OciSpec } from '../specgen/types'
import { type ContainerRecord, type FoundContainer, newId, trueState } from '../state'
import type { ExecOptions, ExecResult } from './api/containers'
import { containerReader } from './container-root'
import type { EngineContext } from './context'
import { connectMonitor } from './monitor'
import { readIdFile, selectContainer } from './select'
import { sessionEnd } from './session'
import { readSpec } from './show/container-inspect'
import { readProcsFiles } from './start/procs-files'
import { compileFilter } from './start/seccomp'
import { checkMay } from './states'

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
    cwd: options.workdir ?? config.workdir,
    env: environment(container, options, user.home),
    args: options.command,
    user: specUser(config, { user }),
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

const execDetached = async (
  context: EngineContext,
  { sandbox, container }: FoundContainer,
  launch: Launch,
): Promise<ExecResult> => {
  const id = newId()
  const monitor = await connectMonitor(context, sandbox)
  if (!monitor) throw new TspodError('system', `the monitor of container ${container.id} is gone`)
  // Messages carry no bytes; the monitor has read the file when it answers.
  const program = join(context.paths.containerRun(container.id), `exec-${id}`)
  try {
    if (typeof launch.program !== 'string') writeFileSync(program, launch.program, { mode: 0o700 })
    await context.state.withSandbox(sandbox.id, async (locked) => {
      const record = locked.sandbox.containers.find((one) => one.id === container.id)
      const sent = typeof launch.program === 'string' ? launch : { ...launch, program }
      await monitor.call('exec', { execId: id, containerId: container.id, launch: sent, stdin: false })
      record?.state.execIds.push(id)
    })
  } finally {
    rmSync(program, { force: true })
    monitor.close()
  }
  return { id, exitCode: 0, detached: true }
}

const MINUTE = 60_000

const execHere = async (kernel: Kernel, launch: Launch, options: ExecOptions): Promise<ExecResult> => {
  const { stdin, stdout, stderr, detachKeys = 'ctrl-p,ctrl-q', sigProxy } = options.streams ?? {}
  // Its streams may close before it ends, and a handler for SIGCHLD alone does not keep Node alive.
  const alive = setInterval(() => undefined, MINUTE)
  try {
    const outcome = await execAttached({
      kernel,
      launch,
      stdin: options.interactive ? stdin : undefined,
      stdout,
      stderr,
      detachKeys,
      sigProxy: sigProxy ?? !options.tty,
    })
    return sessionEnd(newId(), outcome)
  } finally {
    clearInterval(alive)
  }
}

/** Runs a further program in a container: with our streams as our own child, or detached as its monitor's. */
export const execContainer = async (
  context: EngineContext,
  name: string | undefined,
  options: ExecOptions,
): Promise<ExecResult> => {
  if (options.command.length === 0)
    throw new TspodError(
      'usage',
      'must provide a non-empty command to start an exec session: invalid argument',
    )
  const found = selectContainer(
    context,
    options.cidfile ? readIdFile(options.cidfile, 'CIDFile') : name,
    options.latest,
  )
  const { container } = found
  const state = trueState(found.sandbox, container)
  checkMay('exec', container.id, state.status)
  const kernel = await context.kernel()
  const launch = await compileExecLaunch(context, kernel, container, state.process!, options)
  if (options.detach) return execDetached(context, found, launch)
  return execHere(kernel, launch, options)
}
