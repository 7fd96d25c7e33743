import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { OciSpec } from '../../specgen/types'
import { type ContainerRecord, type FoundContainer, readText, trueState, ZERO_TIME } from '../../state'
import type { Outcome } from '../api/common'
import type { ContainerInspect, InspectMount, InspectState } from '../api/container-inspect'
import type { ContainerInspectOptions } from '../api/containers'
import type { EngineContext } from '../context'
import { dependenciesOf } from '../dependencies'
import { selectContainers } from '../select'
import { imageSize, writableSize } from '../sizes'
import { networkOwner } from '../start/network'
import { writableLayer } from '../start/rootfs'
import { inspectConfig } from './config'
import { hostConfig } from './host-config'
import { networkSettings } from './network-settings'

const stateData = ({ sandbox, container }: FoundContainer): InspectState => {
  const { state } = container
  const { status, process } = state
  return {
    OciVersion: '1.2.0',
    Status: status,
    Running: status === 'running',
    Paused: status === 'paused',
    Restarting: false,
    OOMKilled: state.oomKilled,
    Dead: false,
    Pid: process?.pid ?? 0,
    ...(process && sandbox.monitor ? { ConmonPid: sandbox.monitor.pid } : {}),
    ExitCode: state.exitCode,
    Error: state.error,
    StartedAt: state.startedAt ?? ZERO_TIME,
    FinishedAt: state.finishedAt ?? ZERO_TIME,
    ...(process && state.cgroupPath ? { CgroupPath: state.cgroupPath } : {}),
    CheckpointedAt: ZERO_TIME,
    RestoredAt: ZERO_TIME,
    ...(state.stoppedByUser ? { StoppedByUser: true } : {}),
  }
}

const propagations = [
  'shared',
  'slave',
  'private',
  'rshared',
  'rslave',
  'rprivate',
  'unbindable',
  'runbindable',
]

const mountData = (container: ContainerRecord): InspectMount[] =>
  container.config.mounts
    .filter(({ type }) => type === 'bind')
    .map(({ source = '', destination, options }) => ({
      Type: 'bind',
      Source: source,
      Destination: destination,
      Driver: '',
      Mode: options.find((option) => option === 'z' || option === 'Z') ?? '',
      Options: options.filter((option) => !['ro', 'rw', 'z', 'Z', ...propagations].includes(option)),
      RW: !options.includes('ro'),
      Propagation: options.find((option) => propagations.includes(option)) ?? '',
    }))

const filePaths = (context: EngineContext, { sandbox, container }: FoundContainer) => {
  const own = context.paths.containerRun(container.id)
  const network = context.paths.containerRun(networkOwner(sandbox, container).id)
  const there = (path: string) => (existsSync(path) ? path : '')
  return {
    ResolvConfPath: there(join(network, 'resolv.conf')),
    HostnamePath: there(join(own, 'hostname')),
    HostsPath: there(join(network, 'hosts')),
  }
}

/** The OCI spec of the running container; undefined where it has none. */
export const readSpec = (context: EngineContext, id: string): OciSpec | undefined => {
  const text = readText(join(context.paths.containerRun(id), 'config.json'))
  return text === undefined ? undefined : (JSON.parse(text) as OciSpec)
}

const measured = async (context: EngineContext, container: ContainerRecord) => {
  const written = writableSize(context, container.id)
  const base = container.image ? await imageSize(context, container.image.id) : 0
  return { SizeRw: written, SizeRootFs: base + written }
}

const identityData = (context: EngineContext, { sandbox, container }: FoundContainer) => {
  const { argv } = container.config
  const { upper, work } = writableLayer(context, container.id)
  return {
    Path: argv[0] ?? '',
    Args: argv.length > 1 ? argv.slice(1) : argv,
    Image: container.image?.id ?? '',
    ImageDigest: container.image?.digest ?? '',
    ImageName: container.image?.name ?? '',
    Rootfs: '',
    Pod: sandbox.pod ? sandbox.id : '',
    StaticDir: context.paths.container(container.id),
    OCIRuntime: 'tspod',
    ConmonPidFile: '',
    PidFile: '',
    Name: container.name,
    GraphDriver: container.image
      ? { Name: 'overlay', Data: { UpperDir: upper, WorkDir: work } }
      : { Name: 'overlay', Data: null },
  }
}

const securityData = (spec: OciSpec | undefined) => ({
  MountLabel: '',
  ProcessLabel: '',
  AppArmorProfile: '',
  EffectiveCaps: spec?.process.capabilities.effective ?? null,
  BoundingCaps: spec?.process.capabilities.bounding ?? null,
})

const data = async (
  context: EngineContext,
  given: FoundContainer,
  options: ContainerInspectOptions,
): Promise<ContainerInspect> => {
  const state = trueState(given.sandbox, given.container)
  const found = { ...given, container: { ...given.container, state } }
  const { sandbox, container } = found
  const spec = readSpec(context, container.id)
  const config = join(context.paths.containerRun(container.id), 'config.json')
  return {
    Id: container.id,
    Created: container.created,
    State: stateData(found),
    ...identityData(context, found),
    ...filePaths(context, found),
    ...(spec ? { OCIConfigPath: config } : {}),
    RestartCount: state.restartCount,
    Driver: 'overlay',
    ...securityData(spec),
    ExecIDs: state.execIds,
    ...(options.size ? await measured(context, container) : {}),
    Mounts: mountData(container),
    Dependencies: dependenciesOf(sandbox, container),
    NetworkSettings: networkSettings(found),
    Namespace: '',
    IsInfra: container.infra,
    IsService: false,
    KubeExitCodePropagation: 'invalid',
    lockNumber: 0,
    Config: inspectConfig(container),
    HostConfig: hostConfig(context, found, spec),
    UseImageHosts: container.config.network.noHosts,
    UseImageHostname: container.config.network.noHostname,
  }
}

/** Data of `container inspect`. Reads documents and /proc alone, and takes no lock. */
export const inspectContainers = async (
  context: EngineContext,
  names: string[],
  options: ContainerInspectOptions = {},
): Promise<Outcome<ContainerInspect>> => {
  const { results, errors } = selectContainers(context, names, { latest: options.latest })
  return { results: await Promise.all(results.map((found) => data(context, found, options))), errors }
}
