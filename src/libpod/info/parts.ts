import { existsSync, readFileSync } from 'node:fs'
import { release } from 'node:os'
import type { Kernel } from '../../kernel'
import { hostArch } from '../../kernel/numbers'
import { compileSeccomp } from '../../kernel/seccomp'
import type { HostPart } from '../api/system'
import type { EngineContext } from '../context'

type Part = Omit<HostPart, 'without'> & { without: string }

const part = (name: string, detail: string | undefined, without: string): Part => ({
  name,
  present: detail !== undefined,
  detail: detail ?? '',
  without: detail === undefined ? without : '',
})

const kernelAtLeast = (major: number, minor: number): boolean => {
  const [, own = 0, ownMinor = 0] = (/^(\d+)\.(\d+)/.exec(release()) ?? []).map(Number)
  return own > major || (own === major && ownMinor >= minor)
}

const programs = (kernel: Kernel): Part[] => [
  part(
    'nft',
    kernel.findProgram('nft'),
    'no way out of bridge networks, and ports are forwarded by a relay alone',
  ),
  part('newuidmap', kernel.findProgram('newuidmap'), 'ordinary users get one id in their user namespaces'),
  part('newgidmap', kernel.findProgram('newgidmap'), 'ordinary users get one group in their user namespaces'),
  part('pasta', kernel.findProgram('pasta'), 'no network for ordinary users by pasta'),
  part('slirp4netns', kernel.findProgram('slirp4netns'), 'no network for ordinary users by slirp4netns'),
  part('xz', kernel.findProgram('xz'), 'xz archives are read by a slower reader of our own'),
]

// The smallest filter that there is.
const allowAll = { defaultAction: 'SCMP_ACT_ALLOW', architectures: [], syscalls: [] }

const seccompLibrary = (kernel: Kernel): Part => {
  let filter: Buffer | undefined
  try {
    filter = compileSeccomp(kernel.raw, allowAll)
  } catch {
    filter = undefined
  }
  const detail = filter && 'libseccomp.so.2'
  return part('libseccomp', detail, 'system calls of containers are not filtered')
}

const controllerUses: Record<string, string> = {
  memory: '--memory and its kin fail',
  cpu: '--cpus and --cpu-shares fail',
  cpuset: '--cpuset-cpus and --cpuset-mems fail',
  pids: '--pids-limit fails, and a fork bomb is not stopped',
  io: '--blkio-weight fails',
  freezer: 'pause and unpause fail',
  devices: 'devices are not kept from containers that may make their nodes',
}

const controllers = async (context: EngineContext): Promise<Part[]> => {
  const cgroups = await context.cgroups()
  // v1 has another name for it.
  const has = (name: string) =>
    cgroups.controllers.includes(name) || (name === 'io' && cgroups.controllers.includes('blkio'))
  return Object.entries(controllerUses).map(([name, without]) =>
    part(`cgroup ${name}`, has(name) ? cgroups.version : undefined, without),
  )
}

const readable = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return undefined
  }
}

const userNamespaces = (): string | undefined => {
  const most = readable('/proc/sys/user/max_user_namespaces')
  const allowed = readable('/proc/sys/kernel/unprivileged_userns_clone')
  return most !== undefined && most !== '0' && allowed !== '0' ? `up to ${most}` : undefined
}

const kernelParts = (): Part[] => [
  part('kernel', kernelAtLeast(5, 8) ? release() : undefined, 'tspod needs Linux 5.8 or later'),
  part(
    'overlay',
    readable('/proc/filesystems')?.includes('overlay') ? 'overlayfs' : undefined,
    'no image can be mounted',
  ),
  part(
    'overlay userxattr',
    kernelAtLeast(5, 11) ? 'Linux 5.11' : undefined,
    'no overlayfs in user namespaces',
  ),
  part(
    'idmapped layers',
    kernelAtLeast(5, 19) ? 'Linux 5.19' : undefined,
    'no --userns or --uidmap for containers of images',
  ),
  part(
    'exit codes of others',
    kernelAtLeast(6, 15) ? 'Linux 6.15' : undefined,
    'the exit code is lost where a monitor is killed',
  ),
  part('user namespaces', userNamespaces(), 'no --userns but host'),
  part(
    'message queues',
    existsSync('/proc/sys/fs/mqueue') ? '/dev/mqueue' : undefined,
    'no POSIX message queues in containers',
  ),
  part(
    'seccomp',
    existsSync('/proc/sys/kernel/seccomp') ? hostArch() : undefined,
    'system calls of containers are not filtered',
  ),
  part('/dev/net/tun', existsSync('/dev/net/tun') ? '/dev/net/tun' : undefined, 'pasta and slirp4netns fail'),
]

/** The optional parts of the host, and what is lost without each that is missing. */
export const hostParts = async (context: EngineContext): Promise<HostPart[]> => {
  const kernel = await context.kernel()
  return [...kernelParts(), ...(await controllers(context)), seccompLibrary(kernel), ...programs(kernel)]
}
