import { describe, expect, it } from 'vitest'
import {
  emptyNetwork,
  generateExecProcess,
  generateSpec,
  specAnnotations,
  wantsSeccomp,
} from '../../../src/specgen'
import type { CgroupFacts } from '../../../src/specgen/context-types'
import type { CreateOptions, OciMount } from '../../../src/specgen/types'
import { configure, facts, host, id, inPod, messageOf, specOf } from './facts'

const mountOn = (mounts: OciMount[], destination: string) =>
  mounts.find((mount) => mount.destination === destination)

const v1: CgroupFacts = {
  version: 'v1',
  controllers: ['memory', 'cpu'],
  hierarchies: [
    { name: 'memory', mount: '/sys/fs/cgroup/memory', version: 1, controllers: ['memory'] },
    { name: 'cpu,cpuacct', mount: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: ['cpu', 'cpuacct'] },
  ],
}

describe('namespaces of the spec', () => {
  const of = (options: CreateOptions, paths = {}, changes = {}) =>
    Object.fromEntries(
      specOf(options, { namespacePaths: paths }, changes).linux.namespaces.map(({ type, path }) => [
        type,
        path,
      ]),
    )

  it('are new unless they are joined, and missing where they are the host’s', () => {
    expect(of({})).toEqual({
      mount: undefined,
      pid: undefined,
      network: undefined,
      ipc: undefined,
      uts: undefined,
      cgroup: undefined,
    })
    expect(of({ pid: 'host', ipc: 'host', uts: 'host', cgroupns: 'host' }, { net: '/run/netns/x' })).toEqual({
      mount: undefined,
      network: '/run/netns/x',
    })
    expect(of({ uts: 'ns:/run/netns/blue' }).uts).toBe('/run/netns/blue')
    expect(of({ uidmap: ['0:1:1'] }, { user: '/run/user-ns' }).user).toBe('/run/user-ns')
  })

  it('join the pod’s, never something else in silence', () => {
    const paths = { net: '/proc/5/ns/net', ipc: '/proc/5/ns/ipc', uts: '/proc/5/ns/uts' }
    expect(of({}, paths, inPod())).toMatchObject({
      ...{ network: paths.net, ipc: paths.ipc, uts: paths.uts },
    })
    expect(messageOf(() => of({}, { net: paths.net, ipc: paths.ipc }, inPod()))).toBe(
      `container ${id}: the uts namespace to join is not known`,
    )
  })
})

describe('mounts of the spec', () => {
  it('are those that every container has, outer ones first', () => {
    const places = specOf().mounts.map(({ destination }) => destination)
    expect(places).toEqual([
      '/proc',
      '/dev',
      '/sys',
      '/dev/pts',
      '/dev/mqueue',
      '/dev/shm',
      '/etc/hosts',
      '/etc/resolv.conf',
      '/etc/hostname',
      '/run/.containerenv',
      '/sys/fs/cgroup',
    ])
  })

  it('make way for the user’s', () => {
    const { mounts } = specOf({
      volume: ['/srv:/etc/hosts', '/srv/data:/dev/shm', '/srv:/a/b/c', '/srv/data:/a'],
    })
    expect(mounts.filter(({ destination }) => destination === '/etc/hosts')).toEqual([
      { destination: '/etc/hosts', type: 'bind', source: '/srv', options: ['rprivate', 'rbind'] },
    ])
    expect(mountOn(mounts, '/dev/shm')?.source).toBe('/srv/data')
    const places = mounts.map(({ destination }) => destination)
    expect(places.indexOf('/a')).toBeLessThan(places.indexOf('/a/b/c'))
  })

  it('leave /dev alone where it is the user’s', () => {
    const places = specOf({ volume: ['/srv:/dev'] }).mounts.map(({ destination }) => destination)
    expect(places.filter((path) => path.startsWith('/dev'))).toEqual(['/dev'])
  })

  it('give /dev/shm as the IPC namespace has it', () => {
    expect(mountOn(specOf({ shmSize: '1m' }).mounts, '/dev/shm')).toEqual({
      destination: '/dev/shm',
      type: 'tmpfs',
      source: 'shm',
      options: ['nosuid', 'noexec', 'nodev', 'mode=1777', 'size=1048576'],
    })
    expect(mountOn(specOf({}, { shmPath: '/run/shm/x' }).mounts, '/dev/shm')).toMatchObject({
      type: 'bind',
      source: '/run/shm/x',
    })
    expect(mountOn(specOf({ ipc: 'host' }).mounts, '/dev/shm')).toMatchObject({ source: '/dev/shm' })
    expect(mountOn(specOf({ ipc: 'none' }).mounts, '/dev/shm')).toBeUndefined()
  })

  it('show the container’s own control groups, on either version', () => {
    expect(mountOn(specOf().mounts, '/sys/fs/cgroup')).toMatchObject({ type: 'cgroup2' })
    const { mounts } = specOf({}, { host: host({ cgroups: v1 }) }, { host: host({ cgroups: v1 }) })
    expect(mountOn(mounts, '/sys/fs/cgroup')).toMatchObject({ type: 'tmpfs' })
    expect(mountOn(mounts, '/sys/fs/cgroup/cpu,cpuacct')).toMatchObject({
      type: 'bind',
      source: `/sys/fs/cgroup/cpu,cpuacct/tspod/${id}`,
      options: expect.arrayContaining(['ro', 'nosuid']),
    })
    const opened = specOf({ securityOpt: ['unmask=/sys/fs/cgroup/'] }).mounts
    expect(mountOn(opened, '/sys/fs/cgroup')?.options).toContain('rw')
  })

  it('do without control groups where there are none', () => {
    const none = host({ cgroups: { version: 'none', controllers: [], hierarchies: [] } })
    expect(mountOn(specOf({}, { host: none }).mounts, '/sys/fs/cgroup')).toBeUndefined()
    expect(specOf({ cgroups: 'disabled' }).linux.cgroupsPath).toBe('')
  })

  it('bind what a user namespace may not mount', () => {
    const maps: CreateOptions = { uidmap: ['0:100000:65536'] }
    expect(mountOn(specOf(maps).mounts, '/sys')?.type).toBe('sysfs')
    const hostNet = { networkMode: { mode: 'host' as const } }
    expect(mountOn(specOf(maps, {}, hostNet).mounts, '/sys')).toMatchObject({ type: 'bind', source: '/sys' })
    expect(mountOn(specOf({ ...maps, pid: 'host' }).mounts, '/proc')?.type).toBe('bind')
    const mounted = { host: host({ pathKind: (path) => (path === '/dev/mqueue' ? 'directory' : undefined) }) }
    expect(mountOn(specOf({ ...maps, ipc: 'host' }, mounted).mounts, '/dev/mqueue')?.type).toBe('bind')
    expect(mountOn(specOf({ ...maps, ipc: 'host' }).mounts, '/dev/mqueue')).toBeUndefined()
    expect(mountOn(specOf({ uidmap: ['0:100000:2'] }).mounts, '/dev/pts')?.options).not.toContain('gid=5')
    expect(mountOn(specOf(maps).mounts, '/dev/pts')?.options).toContain('gid=5')
  })

  it('bind what an ordinary user may not mount', () => {
    const idMaps = {
      uids: [{ container: 0, host: 1000, size: 1 }],
      gids: [{ container: 0, host: 1000, size: 1 }],
    }
    const user = { host: host({ idMaps }) }
    expect(mountOn(specOf({}, user).mounts, '/sys')?.type).toBe('sysfs')
    expect(mountOn(specOf({}, user, { networkMode: { mode: 'host' } }).mounts, '/sys')?.type).toBe('bind')
    expect(mountOn(specOf({ pid: 'host' }, user).mounts, '/proc')?.type).toBe('bind')
    expect(mountOn(specOf({}, user).mounts, '/dev/pts')?.options).not.toContain('gid=5')
  })

  it('drop words that are none of the kernel’s', () => {
    const { mounts } = specOf(
      { volume: ['/srv:/a:z,ro'], tmpfs: ['/t:U,size=5'] },
      {
        user: { uid: 7, gid: 8, additionalGids: [], home: '/', name: '', known: false },
      },
    )
    expect(mountOn(mounts, '/a')?.options).toEqual(['ro', 'rprivate', 'rbind'])
    expect(mountOn(mounts, '/t')).toEqual({
      destination: '/t',
      type: 'tmpfs',
      source: 'tmpfs',
      options: ['size=5', 'rprivate', 'nosuid', 'nodev', 'uid=7', 'gid=8'],
    })
  })

  it('are read-only with the container', () => {
    const spec = specOf({ readOnly: true, readOnlyTmpfs: false })
    expect(spec.root.readonly).toBe(true)
    for (const place of ['/dev', '/dev/shm', '/etc/hosts'])
      expect(mountOn(spec.mounts, place)?.options).toContain('ro')
    expect(mountOn(specOf({ readOnly: true }).mounts, '/dev')?.options).not.toContain('ro')
  })

  it('set the root’s propagation', () => {
    expect(specOf().linux.rootfsPropagation).toBe('rprivate')
    expect(specOf({ volume: ['/srv:/a:rslave'] }).linux.rootfsPropagation).toBe('rslave')
    expect(specOf({ volume: ['/srv:/a:rslave', '/srv:/b:shared'] }).linux.rootfsPropagation).toBe('shared')
  })

  it('give an infra container none of the members’', () => {
    expect(mountOn(specOf({ volume: ['/srv:/a'] }, { infra: true }).mounts, '/a')).toBeUndefined()
  })

  it('ask for the places of volumes', () => {
    const image = { image: { name: 'i', config: { Volumes: { '/data': {} } } } }
    expect(mountOn(specOf({}, {}, image).mounts, '/data')).toBeUndefined()
    const volumePath = (_: string, destination: string) => `/volumes${destination}`
    expect(mountOn(specOf({}, { volumePath }, image).mounts, '/data')).toMatchObject({
      type: 'bind',
      source: '/volumes/data',
    })
  })
})

describe('the process of the spec', () => {
  it('knows its names and its home', () => {
    expect(specOf({ hostname: 'own' }).process.env).toEqual(
      expect.arrayContaining(['HOSTNAME=own', 'HOME=/root']),
    )
    expect(specOf({ uts: 'host' }).process.env).toContain('HOSTNAME=machine')
    const given = specOf({ env: ['HOME=/x', 'HOSTNAME=y'] }).process.env
    expect(given.filter((text) => /^HO/.test(text))).toEqual(['HOME=/x', 'HOSTNAME=y'])
    expect(specOf({}).hostname).toBe('c0ffeec0ffee')
    expect(specOf({ uts: 'host' }).hostname).toBeUndefined()
  })

  it('has limits that we can give', () => {
    const unprivileged = host({ capabilities: ['CAP_CHOWN'] })
    const limits = (options: CreateOptions, changes = {}) =>
      Object.fromEntries(
        specOf(options, changes).process.rlimits.map(({ type, soft, hard }) => [type, [soft, hard]]),
      )
    expect(limits({})).toEqual({ RLIMIT_NOFILE: [1048576, 1048576], RLIMIT_NPROC: [1048576, 1048576] })
    expect(limits({}, { host: unprivileged })).toEqual({
      RLIMIT_NOFILE: [1024, 4096],
      RLIMIT_NPROC: [500, 500],
    })
    expect(limits({ ulimit: ['nofile=9999', 'core=-1'] }, { host: unprivileged })).toMatchObject({
      RLIMIT_NOFILE: [4096, 4096],
      RLIMIT_CORE: [-1, -1],
    })
    expect(limits({ ulimit: ['host'] })).toEqual({})
  })

  it('has a score that we can give', () => {
    expect(specOf({ oomScoreAdj: -500 }).process.oomScoreAdj).toBe(-500)
    const unprivileged = host({ capabilities: ['CAP_CHOWN'] })
    expect(specOf({ oomScoreAdj: -500 }, { host: unprivileged }).process.oomScoreAdj).toBe(0)
  })

  it('drops groups that the user namespace lacks, and refuses a user that it lacks', () => {
    const user = { uid: 5, gid: 5, additionalGids: [5, 500], home: '/', name: '', known: false }
    expect(specOf({ uidmap: ['0:1000:100'] }, { user }).process.user.additionalGids).toEqual([5])
    expect(messageOf(() => specOf({ uidmap: ['0:1000:2'] }, { user }))).toBe(
      'user 5:5 is not mapped in the user namespace of the container',
    )
  })

  it('reads the umask as octal', () => {
    expect(specOf({ umask: '077' }).process.user.umask).toBe(0o77)
  })
})

describe('sysctls of the spec', () => {
  it('allow pings where the network is the container’s own', () => {
    const ping = { 'net.ipv4.ping_group_range': '0 0' }
    expect(specOf().linux.sysctl).toEqual(ping)
    expect(specOf({}, {}, { networkMode: { mode: 'none' } }).linux.sysctl).toEqual(ping)
    expect(specOf({}, {}, { networkMode: { mode: 'host' } }).linux.sysctl).toEqual({})
    expect(specOf({ sysctl: ['net.ipv4.ping_group_range=1 2'] }).linux.sysctl).toEqual({
      'net.ipv4.ping_group_range': '1 2',
    })
    expect(
      specOf({ uidmap: ['5:1000:10'] }, { user: { ...facts().user, uid: 5, gid: 5 } }).linux.sysctl,
    ).toEqual({})
  })
})

describe('seccomp', () => {
  it('is left out where it is not wanted', () => {
    expect(wantsSeccomp(configure())).toBe(true)
    expect(wantsSeccomp(configure({ privileged: true }))).toBe(false)
    expect(wantsSeccomp(configure({ privileged: true, securityOpt: ['seccomp=profile.json'] }))).toBe(true)
    expect(wantsSeccomp(configure({ securityOpt: ['seccomp=unconfined'] }))).toBe(false)
  })
})

describe('annotations', () => {
  it('say what Podman’s do', () => {
    expect(specAnnotations(configure({ rm: true, annotation: ['a=b'] }))).toEqual({
      'io.container.manager': 'libpod',
      'org.opencontainers.image.stopSignal': '15',
      'io.podman.annotations.autoremove': 'TRUE',
      a: 'b',
    })
  })
})

describe('exec', () => {
  const config = configure({ env: ['A=1'], workdir: '/w' })
  const base = generateSpec(config, facts()).process
  const root = facts().user
  const user = { uid: 5, gid: 6, additionalGids: [7], home: '/u', name: 'u', known: true }

  it('takes the container’s process with another command', () => {
    const process = generateExecProcess(base, config, host(), { command: ['ls'], user: root, ownUser: true })
    expect(process).toEqual({ ...base, args: ['ls'] })
  })

  it('lays its own options over it', () => {
    const process = generateExecProcess(base, config, host(), {
      command: ['ls'],
      env: ['A=2', 'B'],
      hostEnvironment: { B: 'host' },
      workdir: '/x',
      tty: true,
      user,
      ownUser: false,
    })
    expect(process.env).toEqual(expect.arrayContaining(['A=2', 'B=host', 'TERM=xterm']))
    expect(process).toMatchObject({
      cwd: '/x',
      terminal: true,
      user: { uid: 5, gid: 6, additionalGids: [7] },
    })
    expect(process.capabilities.effective).toEqual([])
    expect(process.capabilities.bounding).toEqual(base.capabilities.bounding)
  })

  it('gives all capabilities only where asked', () => {
    const request = { command: ['ls'], user: root, ownUser: true, privileged: true }
    expect(generateExecProcess(base, config, host(), request).capabilities.effective).toEqual(
      host().capabilities,
    )
  })
})

describe('a network that nobody described', () => {
  it('is empty', () => {
    expect(configure().network).toEqual(emptyNetwork())
  })
})
