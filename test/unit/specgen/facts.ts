import { createContainerConfig, createInfraConfig, createPodRecord, generateSpec } from '../../../src/specgen'
import { allCapabilities } from '../../../src/specgen/capabilities'
import type {
  CreateContext,
  HostFacts,
  OtherContainer,
  PodOptions,
  SpecFacts,
} from '../../../src/specgen/context-types'
import type { CreateOptions } from '../../../src/specgen/types'
import type { ContainerConfig, ContainerRecord } from '../../../src/state/types'

export const id = 'c0ffee'.repeat(11).slice(0, 64)
export const otherId = 'beef'.repeat(16)

const directories = ['/srv', '/srv/data', '/usr/share/zoneinfo/Europe', '/dev/snd']
const files = [
  '/run/netns/blue',
  '/srv/file',
  '/srv/profile.json',
  '/usr/share/zoneinfo/Europe/Berlin',
  '/dev/fuse',
]

export const host = (changes: Partial<HostFacts> = {}): HostFacts => ({
  hostname: 'machine',
  cgroups: { version: 'v2', controllers: [], hierarchies: [] },
  processors: 2,
  capabilities: allCapabilities,
  rlimits: { nofile: { soft: 1024, hard: 4096 }, nproc: { soft: 500, hard: 500 } },
  mqueue: true,
  seccomp: true,
  memory: 2 ** 34,
  cwd: '/srv',
  pathKind: (path) => (directories.includes(path) ? 'directory' : files.includes(path) ? 'file' : undefined),
  devices: (path) =>
    path === '/dev/fuse' || path === '/dev'
      ? [{ path: '/dev/fuse', type: 'c', major: 10, minor: 229, fileMode: 0o666, uid: 0, gid: 0 }]
      : [],
  readFile: (path) =>
    ({
      '/proc/self/uid_map': '         0          0 4294967295\n',
      '/proc/self/gid_map': '         0          0 4294967295\n',
      '/sys/devices/system/cpu/online': '0-1\n',
      '/sys/devices/system/node/online': '0\n',
      '/proc/self/oom_score_adj': '0\n',
    })[path],
  ...changes,
})

export const context = (changes: Partial<CreateContext> = {}): CreateContext => ({
  id,
  name: 'name',
  host: host(),
  lookupContainer: (name) => {
    throw new Error(`no container with name or ID "${name}" found: no such container`)
  },
  ...changes,
})

export const configure = (
  options: CreateOptions = {},
  changes: Partial<CreateContext> = {},
): ContainerConfig => createContainerConfig(options, context(changes))

/** The context of a container that joins a pod made with `options`. */
export const inPod = (options: PodOptions = {}, name = 'web'): Partial<CreateContext> => {
  const record = createPodRecord(options, { ...context(), name, created: '2026-01-01T00:00:00Z' })
  const config = createInfraConfig(options, context({ pod: { id: otherId, record } }))
  const infra = { id: 'infra', name: `${name}-infra`, config } as ContainerRecord
  return { pod: { id: otherId, record, infra } }
}

export const other = (options: CreateOptions = {}): OtherContainer => ({
  id: otherId,
  name: 'other',
  config: configure(options, { id: otherId }),
})

export const facts = (changes: Partial<SpecFacts> = {}): SpecFacts => ({
  id,
  name: 'name',
  host: host(),
  rootfs: 'rootfs',
  user: { uid: 0, gid: 0, additionalGids: [], home: '/root', name: 'root', known: true },
  namespacePaths: {},
  cgroupPath: `/tspod/${id}`,
  files: { hosts: '/run/hosts', resolvConf: '/run/resolv', hostname: '/run/name', containerenv: '/run/env' },
  ...changes,
})

export const specOf = (
  options: CreateOptions = {},
  specChanges: Partial<SpecFacts> = {},
  contextChanges: Partial<CreateContext> = {},
) => generateSpec(configure(options, contextChanges), facts(specChanges))

/** The message of the error that `act` throws. */
export const messageOf = (act: () => unknown): string => {
  try {
    act()
  } catch (error) {
    return (error as Error).message
  }
  return 'no error'
}
