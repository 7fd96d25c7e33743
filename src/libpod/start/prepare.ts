import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { InitInput, Rootfs } from '../../runtime/init'
import type { Launch } from '../../runtime/launch'
import type { ContainerRun, TerminalSize } from '../../runtime/messages'
import type { ResolvedUser } from '../../specgen'
import type { OciSpec } from '../../specgen/types'
import type { ContainerRecord, NetworkState, Sandbox } from '../../state'
import type { EngineContext } from '../context'
import { createCgroup } from './cgroup'
import { type ContainerFiles, prepareFiles, rootReader } from './files'
import { logConfig } from './log'
import { joinedUserNamespace, joinsOf, namespacePaths, namespaceSources, type Source } from './namespaces'
import { setUpNetwork } from './network'
import { writeProcsFiles } from './procs-files'
import type { Rollback } from './rollback'
import { type PreparedRoot, prepareRoot } from './rootfs'
import { compileFilter, selectFilter } from './seccomp'
import { prepareShm } from './shm'
import { setUpUserNamespace, withJoinedMaps } from './user-namespace'
import { checkWorkdir } from './workdir'

/** A container that is ready to be started. */
export interface Prepared {
  run: ContainerRun
  network?: NetworkState
  spec: OciSpec
}

interface Surroundings {
  root: PreparedRoot
  user: ResolvedUser
  sources: Source[]
  files: ContainerFiles
  shmPath?: string
}

const arrange = async (
  context: EngineContext,
  sandbox: Sandbox,
  container: ContainerRecord,
  rollback: Rollback,
): Promise<Surroundings> => {
  const { resolveUser } = await import('../../specgen')
  const root = await prepareRoot(context, container)
  const read = rootReader(root.files)
  const user = resolveUser(container.config.user, container.config.groups, read)
  checkWorkdir(container, root.files)
  const own = await setUpUserNamespace(context, container, rollback)
  const userns = own ?? joinedUserNamespace(context, sandbox, container)
  container.state.network = await setUpNetwork(context, container, userns, rollback)
  const pinned = { net: container.state.network?.netns, user: own }
  const sources = namespaceSources(context, sandbox, container, pinned)
  const shmPath = await prepareShm(context, sandbox, container, rollback)
  const files = prepareFiles(context, sandbox, container, { user, read })
  return { root, user, sources, files, shmPath }
}

const specOf = async (
  context: EngineContext,
  container: ContainerRecord,
  mountpoint: string,
  around: Surroundings,
): Promise<OciSpec> => {
  const { generateSpec } = await import('../../specgen')
  return generateSpec(container.config, {
    id: container.id,
    name: container.name,
    host: await context.host(),
    rootfs: mountpoint,
    user: around.user,
    namespacePaths: namespacePaths(around.sources),
    cgroupPath: container.state.cgroupPath,
    files: around.files,
    shmPath: around.shmPath,
    infra: container.infra,
    seccomp: await selectFilter(context, container.config),
  })
}

const ownedStreams = ({ tty, stdin }: ContainerRecord['config']): number[] =>
  tty ? [] : stdin ? [0, 1, 2] : [1, 2]

const shifted = (rootfs: Rootfs, userns: number | undefined): Rootfs =>
  rootfs.kind === 'overlay' ? { ...rootfs, idmap: userns } : rootfs

const compile = async (
  context: EngineContext,
  container: ContainerRecord,
  around: Surroundings,
  input: Pick<InitInput, 'spec' | 'mountpoint' | 'procsFiles' | 'preserveFds'>,
): Promise<Launch> => {
  const kernel = await context.kernel()
  const { compileInit } = await import('../../runtime/init')
  const { defaultDeviceLinks } = await import('../../specgen')
  const { joins, descriptors, userns } = joinsOf(around.sources)
  const { elf, notes } = compileInit({
    ...input,
    arch: kernel.raw.arch,
    rootfs: shifted(around.root.rootfs, context.rootless ? undefined : userns),
    joins,
    bindDevices: context.rootless,
    seccompFilter: await compileFilter(context, input.spec.linux.seccomp),
    createWorkdir: container.config.createWorkdir ?? false,
    deviceLinks: defaultDeviceLinks,
    ownedStreams: ownedStreams(container.config),
    reaper: container.config.init,
  })
  const program = join(context.paths.containerRun(container.id), 'init')
  writeFileSync(program, elf, { mode: 0o700 })
  const command = container.config.argv[0] ?? ''
  return { program, notes, descriptors, terminal: container.config.tty, command }
}

const makeFolders = (context: EngineContext, container: ContainerRecord, mountpoint: string): void => {
  mkdirSync(context.paths.container(container.id), { recursive: true, mode: 0o700 })
  mkdirSync(context.paths.containerRun(container.id), { recursive: true, mode: 0o700 })
  mkdirSync(mountpoint, { recursive: true, mode: 0o755 })
}

/**
 * Makes everything that a container needs for a start: root, network, files, cgroup, and the program that becomes its
 * command. With the lock of its sandbox held; `size` is that of its terminal. What has to be undone after a failure is added to `rollback`.
 */
export const prepareContainer = async (
  context: EngineContext,
  sandbox: Sandbox,
  record: ContainerRecord,
  rollback: Rollback,
  size: TerminalSize | undefined,
): Promise<Prepared> => {
  const container = await withJoinedMaps(context, record)
  const folder = context.paths.containerRun(container.id)
  // Each container mounts its root there in a mount namespace of its own, so that one folder does for all.
  const mountpoint = join(context.runroot, 'rootfs')
  makeFolders(context, container, mountpoint)
  rollback.add(`remove ${folder}`, () => rmSync(folder, { recursive: true, force: true }))
  const around = await arrange(context, sandbox, container, rollback)
  const spec = await specOf(context, container, mountpoint, around)
  if (size) spec.process.consoleSize = { height: size.rows, width: size.columns }
  const procsFiles = await createCgroup(context, sandbox, container, spec.linux.resources, rollback)
  writeProcsFiles(context, container.id, procsFiles)
  const launch = await compile(context, container, around, { spec, mountpoint, procsFiles })
  const { stdin, timeout } = container.config
  const run: ContainerRun = {
    containerId: container.id,
    launch,
    log: logConfig(context, container),
    stdin,
    stdinOnce: false,
    timeout,
  }
  writeFileSync(join(folder, 'config.json'), JSON.stringify(spec), { mode: 0o600 })
  writeFileSync(join(folder, 'launch.json'), JSON.stringify(run), { mode: 0o600 })
  return { run, network: container.state.network, spec }
}
