import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { openRawKernel, type RawKernel } from '../../src/kernel/raw'
import { compileSeccomp } from '../../src/kernel/seccomp'
import { cachedSeccomp } from '../../src/kernel/seccomp-cache'
import { allCapabilities, defaultCapabilities } from '../../src/specgen/capabilities'
import { defaultProfile, selectSeccomp } from '../../src/specgen/seccomp'
import { PODMAN } from './harness/command'
import { IMAGE, useStore } from './harness/store'

const store = useStore()

const ALLOW = 0x7fff0000
const ERRNO = 0x00050000
const KILL = 0
const [EPERM, EINVAL, ENOSYS] = [1, 22, 38]

/** Audit architecture and numbers of some calls: asm/unistd_64.h and unistd_32.h. */
const machines = {
  x64: {
    audit: 0xc000003e,
    calls: {
      read: 0,
      socket: 41,
      personality: 135,
      mount: 165,
      reboot: 169,
      setns: 308,
      kexec_load: 246,
      bpf: 321,
      io_uring_setup: 425,
      clone3: 435,
      chroot: 161,
      init_module: 175,
      userfaultfd: 323,
    },
  },
  x86: { audit: 0x40000003, calls: { read: 3, mount: 21, kexec_load: 283, chroot: 61 } },
  arm64: {
    audit: 0xc00000b7,
    calls: {
      read: 63,
      socket: 198,
      personality: 92,
      mount: 40,
      reboot: 142,
      setns: 268,
      kexec_load: 104,
      bpf: 280,
      io_uring_setup: 425,
      clone3: 435,
      chroot: 51,
      init_module: 105,
      userfaultfd: 282,
    },
  },
} as const

type Machine = (typeof machines)[keyof typeof machines]

/** struct seccomp_data of linux/seccomp.h. */
const callData = (machine: Machine, number: number, args: readonly (number | bigint)[]): Buffer => {
  const data = Buffer.alloc(64)
  data.writeInt32LE(number, 0)
  data.writeUInt32LE(machine.audit, 4)
  args.forEach((value, index) => {
    data.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), 16 + index * 8)
  })
  return data
}

/** Runs classic BPF as the kernel does; what it returns is the filter's verdict. */
const run = (program: Buffer, data: Buffer): number => {
  let accumulator = 0
  for (let at = 0; at < program.length / 8; at++) {
    const code = program.readUInt16LE(at * 8)
    const [yes, no, value] = [program[at * 8 + 2]!, program[at * 8 + 3]!, program.readUInt32LE(at * 8 + 4)]
    const jump = (taken: boolean) => {
      at += taken ? yes : no
    }
    if (code === 0x20) accumulator = data.readUInt32LE(value)
    else if (code === 0x54) accumulator = (accumulator & value) >>> 0
    else if (code === 0x05) at += value
    else if (code === 0x15) jump(accumulator === value)
    else if (code === 0x25) jump(accumulator > value)
    else if (code === 0x35) jump(accumulator >= value)
    else if (code === 0x06) return value
    else throw new Error(`unknown instruction 0x${code.toString(16)}`)
  }
  throw new Error('runs off the end')
}

let raw: RawKernel
let folder: string

beforeAll(() => {
  raw = openRawKernel()
  folder = mkdtempSync(join(tmpdir(), 'tspod-seccomp-'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const compiled = (capabilities: readonly string[]): Buffer => {
  const program = compileSeccomp(raw, selectSeccomp(defaultProfile(), { capabilities, arch: raw.arch }))
  if (!program) expect.fail('libseccomp.so.2 is missing')
  return program
}

describe('our own profile', () => {
  const verdict = (
    program: Buffer,
    name: keyof (typeof machines)['x64']['calls'],
    ...args: (number | bigint)[]
  ) => {
    const machine = machines[raw.arch]
    return run(program, callData(machine, machine.calls[name], args))
  }

  it('allows what is ordinary, and refuses the rest', () => {
    const program = compiled(defaultCapabilities)
    for (const name of ['read', 'mount', 'clone3', 'setns', 'chroot', 'reboot'] as const)
      expect([name, verdict(program, name)]).toEqual([name, ALLOW])
    for (const name of ['kexec_load', 'bpf', 'init_module', 'userfaultfd'] as const)
      expect([name, verdict(program, name)]).toEqual([name, ERRNO + EPERM])
    expect(verdict(program, 'io_uring_setup')).toBe(ERRNO + ENOSYS)
  })

  it('gives calls with their capability', () => {
    const program = compiled(allCapabilities)
    for (const name of ['bpf', 'init_module', 'chroot'] as const) expect(verdict(program, name)).toBe(ALLOW)
    expect(verdict(program, 'kexec_load')).toBe(ERRNO + EPERM)
    const few = compiled(defaultCapabilities.filter((name) => name !== 'CAP_SYS_CHROOT'))
    expect(verdict(few, 'chroot')).toBe(ERRNO + EPERM)
  })

  it('looks at arguments', () => {
    const program = compiled(defaultCapabilities)
    expect(verdict(program, 'personality', 0)).toBe(ALLOW)
    expect(verdict(program, 'personality', 0xffffffff)).toBe(ALLOW)
    expect(verdict(program, 'personality', 0x0040000)).toBe(ERRNO + ENOSYS)
  })

  it('allows sockets but for those that leave the sandbox', () => {
    const [unix, inet, netlink, vsock] = [1, 2, 16, 40]
    const program = compiled(defaultCapabilities)
    for (let family = 0; family < 46; family++) {
      const expected = family === vsock ? ERRNO + EPERM : ALLOW
      expect([family, verdict(program, 'socket', family, 1, 0)]).toEqual([family, expected])
    }
    for (let protocol = 0; protocol < 32; protocol++) {
      const expected = protocol === 9 ? ERRNO + EINVAL : ALLOW
      expect([protocol, verdict(program, 'socket', netlink, 3, protocol)]).toEqual([protocol, expected])
    }
    const audit = compiled([...defaultCapabilities, 'CAP_AUDIT_WRITE'])
    expect(verdict(audit, 'socket', netlink, 3, 9)).toBe(ALLOW)
    expect(verdict(audit, 'socket', vsock, 1, 0)).toBe(ERRNO + EPERM)
    expect(verdict(audit, 'socket', unix, 1, 0)).toBe(ALLOW)
    // The kernel drops the upper half of the register, so it must not hide anything from the filter.
    const high = 1n << 32n
    expect(verdict(program, 'socket', high + BigInt(vsock), 1, 0)).toBe(ERRNO + EPERM)
    expect(verdict(program, 'socket', BigInt(netlink), 3, high + 9n)).toBe(ERRNO + EINVAL)
    expect(verdict(program, 'socket', high + BigInt(inet), 1, 0)).toBe(ALLOW)
  })

  it.runIf(process.arch === 'x64')('holds for programs of 32 bits, and for no other machine', () => {
    const program = compiled(defaultCapabilities)
    const { x86 } = machines
    expect(run(program, callData(x86, x86.calls.read, []))).toBe(ALLOW)
    expect(run(program, callData(x86, x86.calls.kexec_load, []))).toBe(ERRNO + EPERM)
    expect(run(program, callData(machines.arm64, 0, []))).toBe(KILL)
  })

  it('is kept where only we can write, and a forged file is not read', () => {
    const filter = selectSeccomp(defaultProfile(), { capabilities: defaultCapabilities, arch: raw.arch })
    const kept = join(folder, 'kept')
    const program = cachedSeccomp(raw, filter, kept)!
    const [name] = readdirSync(kept)
    const path = join(kept, name!)
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(cachedSeccomp(raw, filter, kept)).toEqual(program)
    const forged = Buffer.from(readFileSync(path))
    forged.fill(0, forged.length - 8)
    writeFileSync(path, forged, { mode: 0o644 })
    // The owner and the mode still fit: what is in our own folder is ours.
    expect(cachedSeccomp(raw, filter, kept)?.equals(program)).toBe(false)
    rmSync(path)
    writeFileSync(path, forged, { mode: 0o644 })
    expect(cachedSeccomp(raw, filter, kept)).toEqual(program)
  })
})

describe('in a container', () => {
  const mode = ['sed', '-n', 's/^Seccomp:\\s*//p', '/proc/self/status']

  test('a filter is on, unless it is turned off', async () => {
    expect(await store.ok('run', '--rm', IMAGE, ...mode)).toBe('2')
    expect(await store.ok('run', '--rm', '--security-opt', 'seccomp=unconfined', IMAGE, ...mode)).toBe('0')
    expect(await store.ok('run', '--rm', '--privileged', IMAGE, ...mode)).toBe('0')
  })

  test('exec has the filter too', async () => {
    await store.ok('run', '--detach', '--name', 'filtered', IMAGE, 'sleep', '1000')
    expect(await store.ok('exec', 'filtered', ...mode)).toBe('2')
    await store.ok('rm', '--force', '--time', '0', 'filtered')
  })

  test('a profile of the user’s own counts', async () => {
    const profile = join(folder, 'profile.json')
    const rule = { names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 13 }
    writeFileSync(profile, JSON.stringify({ defaultAction: 'SCMP_ACT_ALLOW', syscalls: [rule] }))
    const options = ['--security-opt', `seccomp=${profile}`]
    const run = await store.run(['run', '--rm', ...options, IMAGE, 'mkdir', '/new'])
    expect(run.exitCode).toBe(1)
    expect(run.stderr).toMatch(/permission denied/i)
  })

  test.skipIf(PODMAN)('a profile that is none is refused in one line', async () => {
    const profile = join(folder, 'broken.json')
    writeFileSync(profile, '{"defaultAction":')
    const stderr = await store.fails(
      125,
      'run',
      '--rm',
      '--security-opt',
      `seccomp=${profile}`,
      IMAGE,
      'true',
    )
    expect(stderr.split('\n')).toHaveLength(1)
    expect(stderr).toContain(profile)
    expect(await store.ok('ps', '--all', '--quiet')).toBe('')
  })
})
