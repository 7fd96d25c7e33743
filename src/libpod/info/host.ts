import { readFileSync } from 'node:fs'
import { availableParallelism, freemem, hostname, release, totalmem } from 'node:os'
import type { HostFacts } from '../../specgen'
import { defaultCapabilities } from '../../specgen/capabilities'
import { hostProfilePaths } from '../../specgen/seccomp'
import type { IdMapping } from '../../state/types'
import type { EngineContext } from '../context'
import { engineVersion } from '../version'

const goArchitectures: Partial<Record<NodeJS.Architecture, string>> = { x64: 'amd64' }

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

const kilobytes = (name: string): number =>
  Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(read('/proc/meminfo'))?.[1] ?? 0) * 1024

const distribution = () => {
  const text = read('/etc/os-release')
  const field = (name: string) => new RegExp(`^${name}="?([^"\n]*)"?$`, 'm').exec(text)?.[1]
  const [variant, codename] = [field('VARIANT_ID'), field('VERSION_CODENAME')]
  return {
    ...(codename ? { codename } : {}),
    distribution: field('ID') ?? 'unknown',
    ...(variant ? { variant } : {}),
    version: field('VERSION_ID') ?? 'unknown',
  }
}

const percent = (part: number, all: number): number => Math.round((part / all) * 10_000) / 100

const processorUse = () => {
  const [, user = 0, , system = 0, idle = 0] = (read('/proc/stat').split('\n')[0] ?? '')
    .split(/\s+/)
    .map(Number)
  const all = user + system + idle || 1
  return {
    userPercent: percent(user, all),
    systemPercent: percent(system, all),
    idlePercent: percent(idle, all),
  }
}

const uptime = (): string => {
  const seconds = Math.floor(Number(read('/proc/uptime').split(' ')[0] ?? 0))
  const hours = Math.floor(seconds / 3600)
  const text = `${hours}h ${Math.floor(seconds / 60) % 60}m ${(seconds % 60).toFixed(2)}s`
  return hours > 0 ? `${text} (Approximately ${(hours / 24).toFixed(2)} days)` : text
}

const security = (context: { rootless: boolean; seccomp: boolean; profile: string | undefined }) => ({
  apparmorEnabled: read('/sys/module/apparmor/parameters/enabled').trim() === 'Y',
  capabilities: defaultCapabilities.join(','),
  rootless: context.rootless,
  seccompEnabled: context.seccomp,
  seccompProfilePath: context.profile ?? '',
  selinuxEnabled: read('/sys/fs/selinux/enforce') !== '',
})

const rows = (maps: readonly IdMapping[]) =>
  maps.map(({ container, host, size }) => ({ container_id: container, host_id: host, size }))

const idMappings = ({ idMaps }: HostFacts) => ({
  gidmap: idMaps ? rows(idMaps.gids) : null,
  uidmap: idMaps ? rows(idMaps.uids) : null,
})

/** The host section of `info`, in Podman's shape. */
export const hostSection = async (context: EngineContext): Promise<Record<string, unknown>> => {
  const cgroups = await context.cgroups()
  const host = await context.host()
  const runtime = { name: 'tspod', package: '', path: process.argv[1] ?? '', version: engineVersion() }
  return {
    arch: goArchitectures[process.arch] ?? process.arch,
    buildahVersion: '',
    cgroupControllers: [...cgroups.controllers],
    cgroupManager: context.cgroupManager,
    cgroupVersion: cgroups.version === 'hybrid' ? 'v1' : cgroups.version,
    conmon: runtime,
    cpuUtilization: processorUse(),
    cpus: availableParallelism(),
    databaseBackend: 'json',
    distribution: distribution(),
    eventLogger: 'none',
    hostname: hostname(),
    idMappings: idMappings(host),
    kernel: release(),
    linkmode: 'dynamic',
    logDriver: 'k8s-file',
    memFree: freemem(),
    memTotal: totalmem(),
    networkBackend: 'tspod',
    ociRuntime: runtime,
    os: 'linux',
    remoteSocket: { path: '', exists: false },
    rootlessNetworkCmd: 'pasta',
    security: security({
      rootless: context.rootless,
      seccomp: host.seccomp,
      profile: hostProfilePaths.find((path) => host.pathKind(path)),
    }),
    serviceIsRemote: false,
    swapFree: kilobytes('SwapFree'),
    swapTotal: kilobytes('SwapTotal'),
    uptime: uptime(),
    variant: '',
  }
}
