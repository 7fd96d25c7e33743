import { describe, expect, it } from 'vitest'
import { allCapabilities, capabilitiesOf, defaultCapabilities } from '../../../src/specgen/capabilities'
import type { CreateOptions } from '../../../src/specgen/types'
import { configure, facts, host, inPod, messageOf, specOf } from './facts'

const boundingOf = (options: CreateOptions) => specOf(options).process.capabilities.bounding

describe('capabilities', () => {
  it('are Podman’s eleven', () => {
    expect(boundingOf({})).toEqual([...defaultCapabilities].sort())
    expect(defaultCapabilities).toHaveLength(11)
  })

  it('can be added and dropped, in any spelling', () => {
    expect(boundingOf({ capAdd: ['net_admin', 'CAP_SYS_TIME'] })).toContain('CAP_NET_ADMIN')
    expect(boundingOf({ capDrop: ['chown'] })).not.toContain('CAP_CHOWN')
    expect(boundingOf({ capDrop: ['all'], capAdd: ['kill'] })).toEqual(['CAP_KILL'])
    expect(boundingOf({ capDrop: ['ALL'] })).toEqual([])
    expect(boundingOf({ capAdd: ['all'] })).toHaveLength(allCapabilities.length)
    expect(boundingOf({ capAdd: ['all'], capDrop: ['sys_admin'] })).not.toContain('CAP_SYS_ADMIN')
  })

  it.each<[CreateOptions, string]>([
    [{ capAdd: ['foo'] }, '"CAP_FOO": unknown capability'],
    [{ capAdd: ['kill'], capDrop: ['kill'] }, 'capability "CAP_KILL" cannot be dropped and added'],
    [{ capAdd: ['all'], capDrop: ['all'] }, 'adding all caps and removing all caps not allowed'],
  ])('refuses %j', (options, message) => {
    expect(messageOf(() => configure(options))).toBe(message)
  })

  it('are kept over execve only by root, unless added by name', () => {
    const user = { uid: 5, gid: 5, additionalGids: [], home: '/', name: '', known: false }
    const { capabilities } = specOf({ capAdd: ['net_raw'] }, { user }).process
    expect(capabilities.bounding).toContain('CAP_CHOWN')
    for (const set of ['effective', 'permitted', 'inheritable', 'ambient'] as const)
      expect(capabilities[set]).toEqual(['CAP_NET_RAW'])
    expect(specOf({}, { user }).process.capabilities.effective).toEqual([])
    const root = specOf({}).process.capabilities
    expect(root.effective).toEqual(root.bounding)
    expect(root.ambient).toEqual([])
    expect(root.inheritable).toEqual([])
  })

  it('are no more than ours', () => {
    const ours = host({ capabilities: ['CAP_CHOWN'] })
    expect(specOf({ capAdd: ['sys_admin'] }, { host: ours }).process.capabilities.bounding).toEqual([
      'CAP_CHOWN',
    ])
  })

  it('can be given up by the image', () => {
    const image = (wish: string) => ({
      image: { name: 'i', config: { Labels: { 'io.containers.capabilities': wish } } },
    })
    expect(specOf({}, {}, image('chown,kill')).process.capabilities.bounding).toEqual([
      'CAP_CHOWN',
      'CAP_KILL',
    ])
    expect(specOf({}, {}, image('')).process.capabilities.bounding).toEqual([])
    expect(specOf({}, {}, image('sys_admin')).process.capabilities.bounding).toHaveLength(11)
  })

  it('are read from /proc/PID/status', () => {
    expect(capabilitiesOf('0000000000000005')).toEqual(['CAP_CHOWN', 'CAP_DAC_READ_SEARCH'])
    expect(capabilitiesOf('000001ffffffffff')).toEqual(allCapabilities)
  })
})

describe('--security-opt', () => {
  it.each<[string[], object]>([
    [[], { noNewPrivileges: false, seccomp: 'default', mask: [], unmask: [] }],
    [['no-new-privileges'], { noNewPrivileges: true }],
    [['no-new-privileges:true'], { noNewPrivileges: true }],
    [['no-new-privileges=false'], { noNewPrivileges: false }],
    [['seccomp=unconfined'], { seccomp: 'unconfined' }],
    [['seccomp=profile.json'], { seccomp: '/srv/profile.json' }],
    [['mask=/proc/a:/proc/b'], { mask: ['/proc/a', '/proc/b'] }],
    [['unmask=/proc/*'], { unmask: ['/proc/*'] }],
    [['systempaths=unconfined'], { unmask: ['ALL'] }],
    [['label=disable', 'apparmor=unconfined'], {}],
    [['label=type:spc_t'], {}],
  ])('%j', (securityOpt, expected) => {
    expect(configure({ securityOpt }).security).toMatchObject(expected)
  })

  it.each([
    ['foo', 'invalid --security-opt 1: "foo"'],
    ['foo=bar', 'invalid --security-opt 2: "foo=bar"'],
    ['no-new-privileges=x', 'invalid --security-opt 2: "no-new-privileges=x"'],
    ['systempaths=x', 'invalid systempaths option "x", only `unconfined` is supported'],
    ['apparmor=x', 'apparmor profile "x" specified, but Apparmor is not enabled on this system'],
    ['seccomp=/gone', 'opening seccomp profile failed: open /gone: no such file or directory'],
    ['proc-opts=hidepid=2', '--security-opt proc-opts is not supported by tspod yet'],
  ])('refuses %s', (option, message) => {
    expect(messageOf(() => configure({ securityOpt: [option] }))).toBe(message)
  })

  it('of a pod holds for its members', () => {
    const pod = inPod({ securityOpt: ['no-new-privileges', 'seccomp=unconfined', 'mask=/x'] })
    expect(configure({ securityOpt: ['mask=/y'] }, pod).security).toMatchObject({
      noNewPrivileges: true,
      seccomp: 'unconfined',
      mask: ['/y', '/x'],
    })
  })
})

describe('paths of the kernel', () => {
  it('are masked and read-only', () => {
    const { maskedPaths, readonlyPaths } = specOf().linux
    expect(maskedPaths).toEqual(
      expect.arrayContaining(['/proc/kcore', '/proc/keys', '/sys/firmware', '/proc/interrupts']),
    )
    expect(readonlyPaths).toContain('/proc/sys')
    expect(readonlyPaths).toContain('/proc/sysrq-trigger')
  })

  it('hide each processor’s counters where there are some', () => {
    const pathKind = (path: string) => (path.includes('thermal') ? 'directory' : undefined)
    const { maskedPaths } = specOf({}, { host: host({ pathKind }) }).linux
    expect(maskedPaths).toContain('/sys/devices/system/cpu/cpu1/thermal_throttle')
    expect(maskedPaths).not.toContain('/sys/devices/system/cpu/cpu2/thermal_throttle')
  })

  it('can be opened and closed one by one', () => {
    const { maskedPaths } = specOf({ securityOpt: ['unmask=/proc/k*', 'mask=/proc/self:relative'] }).linux
    expect(maskedPaths).not.toContain('/proc/kcore')
    expect(maskedPaths).toContain('/proc/acpi')
    expect(maskedPaths).toContain('/proc/self')
    expect(maskedPaths).not.toContain('relative')
    const all = specOf({ securityOpt: ['unmask=ALL'] }).linux
    expect([...all.maskedPaths, ...all.readonlyPaths]).toEqual([])
  })
})

describe('a privileged container', () => {
  it('has everything', () => {
    const spec = specOf({ privileged: true }, { seccomp: facts().seccomp })
    expect(spec.process.capabilities.effective).toEqual(allCapabilities)
    expect(spec.linux.maskedPaths).toEqual([])
    expect(spec.linux.readonlyPaths).toEqual([])
    expect(spec.linux.seccomp).toBeUndefined()
    expect(spec.linux.resources.devices).toEqual([
      { allow: true, type: 'a', major: -1, minor: -1, access: 'rwm' },
    ])
    expect(spec.linux.devices.map(({ path }) => path)).toContain('/dev/fuse')
    expect(spec.mounts.find(({ destination }) => destination === '/sys')?.options).toContain('rw')
  })

  it('takes no harm from contradicting capability options', () => {
    expect(() => configure({ privileged: true, capAdd: ['all'], capDrop: ['all'] })).not.toThrow()
  })
})

describe('devices', () => {
  it('are few, and others forbidden', () => {
    const { devices, resources } = specOf().linux
    expect(devices.map(({ path }) => path)).toEqual([
      '/dev/null',
      '/dev/zero',
      '/dev/full',
      '/dev/random',
      '/dev/urandom',
      '/dev/tty',
    ])
    expect(resources.devices[0]).toEqual({ allow: false, type: 'a', major: -1, minor: -1, access: 'rwm' })
    expect(resources.devices).not.toContainEqual(expect.objectContaining({ major: 10, minor: 200 }))
  })

  it('are those that were asked for besides', () => {
    const { devices, resources } = specOf({ device: ['/dev/fuse:/dev/f:rw'] }).linux
    expect(devices.at(-1)).toMatchObject({ path: '/dev/f', major: 10, minor: 229 })
    expect(resources.devices.at(-1)).toEqual({ allow: true, type: 'c', major: 10, minor: 229, access: 'rw' })
  })
})
