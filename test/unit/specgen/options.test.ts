import { describe, expect, it } from 'vitest'
import type { CreateOptions } from '../../../src/specgen/types'
import { configure, inPod, messageOf } from './facts'

const MB = 2 ** 20

describe('limits', () => {
  it.each<[CreateOptions, object]>([
    [{}, { pidsLimit: 2048 }],
    [{ cgroups: 'disabled' }, {}],
    [{ memory: '64m' }, { memory: 64 * MB, memorySwap: 128 * MB, pidsLimit: 2048 }],
    [
      { memory: '64m', memorySwap: '-1' },
      { memory: 64 * MB, memorySwap: -1, pidsLimit: 2048 },
    ],
    [
      { memory: '64m', memorySwap: '64m' },
      { memory: 64 * MB, memorySwap: 64 * MB, pidsLimit: 2048 },
    ],
    [{ memory: '0' }, { pidsLimit: 2048 }],
    [{ cpus: 1.5 }, { cpus: 1.5, cpuPeriod: 100000, cpuQuota: 150000, pidsLimit: 2048 }],
    [
      { cpusetCpus: '0-1', cpuShares: 512 },
      { cpusetCpus: '0-1', cpuShares: 512, pidsLimit: 2048 },
    ],
    [{ pidsLimit: 0 }, { pidsLimit: -1 }],
    [{ pidsLimit: 5 }, { pidsLimit: 5 }],
    [{ blkioWeight: 100 }, { blkioWeight: 100, pidsLimit: 2048 }],
  ])('%j', (options, resources) => {
    expect(configure(options).resources).toEqual(resources)
  })

  it.each<[CreateOptions, string]>([
    [{ memory: 'x' }, "invalid value for memory: invalid size: 'x'"],
    [{ memorySwap: '1g' }, 'you should always set a memory limit when using a memoryswap limit, see usage'],
    [
      { memory: '2g', memorySwap: '1g' },
      'minimum memoryswap limit should be larger than memory limit, see usage',
    ],
    [
      { memory: '1g', memoryReservation: '2g' },
      'minimum memory limit cannot be less than memory reservation limit, see usage',
    ],
    [{ memorySwappiness: 101 }, 'invalid value: 101, valid memory swappiness range is 0-100'],
    [{ cpus: 1, cpuQuota: 5000 }, '--cpu-quota and --cpus cannot be set together'],
    [{ cpus: 1, cpuPeriod: 5000 }, '--cpu-period and --cpus cannot be set together'],
    [{ cpus: 0.001 }, 'CPU cfs quota cannot be less than 1ms (i.e. 1000)'],
    [{ cpuPeriod: 5 }, 'CPU cfs period cannot be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'],
    [{ cpusetCpus: '0-7' }, 'requested CPUs are not available - requested 0-7, available: 0-1'],
    [{ cpusetCpus: 'x' }, 'invalid value x for --cpuset-cpus'],
    [{ cpusetMems: '3' }, 'requested memory nodes are not available - requested 3, available: 0'],
    [{ blkioWeight: 5 }, 'range of blkio weight is from 10 to 1000'],
  ])('refuses %j', (options, message) => {
    expect(messageOf(() => configure(options))).toBe(message)
  })
})

describe('ulimits', () => {
  it('reads soft and hard, the last of a type', () => {
    expect(configure({ ulimit: ['nofile=1:2', 'RLIMIT_CORE=-1', 'nofile=5'] }).ulimits).toEqual([
      { type: 'nofile', soft: 5, hard: 5 },
      { type: 'core', soft: -1, hard: -1 },
    ])
    expect(configure({ ulimit: ['nofile=1', 'host'] }).ulimits).toEqual([{ type: 'host', soft: 0, hard: 0 }])
  })

  it.each([
    ['nofile', 'invalid ulimit argument: nofile'],
    ['what=1', 'invalid ulimit type: what'],
    ['nofile=2:1', 'ulimit soft limit must be less than or equal to hard limit: 2 > 1'],
    [
      'nofile=-1:1',
      'ulimit soft limit must be less than or equal to hard limit: soft: -1 (unlimited), hard: 1',
    ],
    ['nofile=x', 'strconv.ParseInt: parsing "x": invalid syntax'],
    ['nofile=1:2:3', 'too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`'],
  ])('refuses %s', (text, why) => {
    expect(messageOf(() => configure({ ulimit: [text] }))).toBe(
      `ulimit option "${text}" requires name=SOFT:HARD, failed to be parsed: ${why}`,
    )
  })
})

describe('sysctls', () => {
  it('takes those that a namespace keeps apart', () => {
    const sysctl = ['net.core.somaxconn=1', 'kernel.msgmax=2', 'fs.mqueue.msg_max=3']
    expect(configure({ sysctl }).sysctls).toEqual({
      'net.core.somaxconn': '1',
      'kernel.msgmax': '2',
      'fs.mqueue.msg_max': '3',
    })
  })

  it.each<[string, CreateOptions, string]>([
    ['a', {}, 'a is invalid, sysctl values must be in the form of KEY=VALUE'],
    ['net.a= 1', {}, "'net.a= 1' is invalid, extra spaces found"],
    ['kernel.panic=1', {}, "sysctl 'kernel.panic' is not allowed"],
    ['net/../kernel/panic=1', {}, "sysctl 'net/../kernel/panic' is not allowed"],
    ['net...kernel=1', {}, "sysctl 'net...kernel' is not allowed"],
    [
      'fs.mqueue.msg_max=1',
      { ipc: 'host' },
      "sysctl fs.mqueue.msg_max=1 can't be set since IPC Namespace set to host: invalid argument",
    ],
    [
      'kernel.shmmax=1',
      { ipc: 'host' },
      "sysctl kernel.shmmax=1 can't be set since IPC Namespace set to host: invalid argument",
    ],
  ])('refuses %s', (text, options, message) => {
    expect(messageOf(() => configure({ ...options, sysctl: [text] }))).toBe(message)
  })

  it('refuses to change the host’s network', () => {
    expect(messageOf(() => configure({ sysctl: ['net.a=1'] }, { networkMode: { mode: 'host' } }))).toContain(
      'Network Namespace set to host',
    )
  })
})

describe('restart policies', () => {
  it.each([
    ['no', { name: 'no', maximumRetries: 0 }],
    ['never', { name: 'no', maximumRetries: 0 }],
    ['always', { name: 'always', maximumRetries: 0 }],
    ['on-failure:5', { name: 'on-failure', maximumRetries: 5 }],
    ['unless-stopped', { name: 'unless-stopped', maximumRetries: 0 }],
  ])('%s', (restart, policy) => {
    expect(configure({ restart }).restart).toEqual(policy)
  })

  it.each<[CreateOptions, string]>([
    [
      { restart: 'what' },
      'running container create option: "what" is not a valid restart policy: invalid argument',
    ],
    [{ restart: 'always:3' }, 'restart policy retries can only be specified with on-failure restart policy'],
    [
      { restart: 'on-failure:x' },
      'parsing restart policy retry count: strconv.Atoi: parsing "x": invalid syntax',
    ],
    [{ restart: 'on-failure:1:2' }, 'invalid restart policy: may specify retries at most once'],
    [
      { restart: 'always', rm: true },
      'the --rm option conflicts with --restart, when the restartPolicy is not "" and "no"',
    ],
  ])('refuses %j', (options, message) => {
    expect(messageOf(() => configure(options))).toBe(message)
  })

  it('is the pod’s where the container has none', () => {
    expect(configure({}, inPod({ restart: 'always' })).restart.name).toBe('always')
    expect(configure({ restart: 'no' }, inPod({ restart: 'always' })).restart.name).toBe('no')
  })
})

describe('what the image says', () => {
  const config = {
    User: 'app:users',
    WorkingDir: '/app',
    Labels: { a: '1', b: '2' },
    StopSignal: 'SIGQUIT',
    Env: ['X=1'],
  }
  const image = { name: 'i', config }

  it('holds where no option says otherwise', () => {
    expect(configure({ label: ['b=3', 'c'] }, { image })).toMatchObject({
      user: 'app:users',
      workdir: '/app',
      createWorkdir: true,
      labels: { a: '1', b: '3', c: '' },
      stopSignal: 3,
    })
    expect(configure({ user: '5', workdir: '/w', stopSignal: 'INT' }, { image })).toMatchObject({
      user: '5',
      workdir: '/w',
      createWorkdir: false,
      stopSignal: 2,
    })
  })
})

describe('other options', () => {
  it('has Podman’s defaults', () => {
    expect(configure()).toMatchObject({
      shmSize: 65_536_000,
      stopTimeout: 10,
      stopSignal: 15,
      umask: '0022',
      cgroupParent: '/tspod',
      log: { driver: 'k8s-file' },
      workdir: '/',
      user: '',
      autoRemove: false,
    })
  })

  it.each<[CreateOptions, string]>([
    [{ label: ['=x'] }, 'unable to process labels: invalid label format: "=x"'],
    [{ annotation: ['x'] }, 'annotations must be formatted KEY=VALUE'],
    [{ shmSize: 'x' }, "unable to translate --shm-size: invalid size: 'x'"],
    [{ umask: '9' }, 'running container create option: invalid umask string 9: invalid argument'],
    [
      { tz: 'Nowhere/Land' },
      'running container create option: finding timezone: unknown time zone Nowhere/Land',
    ],
    [{ tz: 'Europe' }, 'running container create option: finding timezone: unknown time zone Europe'],
    [
      { tz: '../../etc/shadow' },
      'running container create option: finding timezone: time: invalid location name',
    ],
    [{ logDriver: 'what' }, 'running container create option: invalid log driver: invalid argument'],
    [{ logDriver: 'journald' }, 'the log driver journald is not supported by tspod yet'],
    [{ logOpt: ['x'] }, 'invalid log option "x"'],
    [
      { logOpt: ['tag=x'] },
      'log tags can only be used with the journald log driver but driver is "k8s-file": invalid argument',
    ],
    [
      { attach: ['out'] },
      'invalid stream "out" for --attach - must be one of stdin, stdout, or stderr: invalid argument',
    ],
    [{ cgroups: 'what' }, 'running container create option: invalid cgroup mode "what": invalid argument'],
    [
      { cgroups: 'disabled', pid: 'host' },
      'containers not creating Cgroups must create a private PID namespace: invalid argument',
    ],
    [
      { cgroupParent: 'a.slice' },
      'systemd slice received as cgroup parent when using cgroupfs: invalid argument',
    ],
    [{ cgroupParent: '/../x' }, 'invalid cgroup parent "/../x"'],
    [{ groupAdd: ['keep-groups'] }, '--group-add keep-groups is not supported by tspod yet'],
    [{ device: ['/gone'] }, 'stat /gone: no such file or directory'],
    [{ device: ['/srv/file'] }, '/srv/file is not a valid device: not a device node'],
    [{ device: ['/srv'] }, 'no devices found in /srv: invalid argument'],
    [{ device: ['/dev/fuse:x'] }, 'invalid device mode "x" in device "/dev/fuse:x"'],
    [{ device: ['/dev/fuse:/a:/b:c'] }, 'invalid device specification: /dev/fuse:/a:/b:c'],
  ])('refuses %j', (options, message) => {
    expect(messageOf(() => configure(options))).toBe(message)
  })

  it('reads devices', () => {
    expect(configure({ device: ['/dev/fuse', '/dev/fuse:/dev/x:rw', '/dev/fuse:r'] }).devices).toEqual([
      { hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'rwm' },
      { hostPath: '/dev/fuse', containerPath: '/dev/x', permissions: 'rw' },
      { hostPath: '/dev/fuse', containerPath: '/dev/fuse', permissions: 'r' },
    ])
  })

  it('reads log options', () => {
    expect(configure({ logDriver: 'json-file', logOpt: ['max-size=10mb', 'path=/l'] }).log).toEqual({
      driver: 'k8s-file',
      maxSize: 10_000_000,
      path: '/l',
    })
  })

  it('puts a member’s cgroup below its pod’s', () => {
    expect(configure({}, inPod()).cgroupParent).toMatch(/^\/tspod\/c0ffee/)
    expect(configure({}, inPod({ shareParent: false })).cgroupParent).toBe('/tspod')
    expect(configure({ cgroupParent: 'a//b/' }).cgroupParent).toBe('/a/b')
  })
})
