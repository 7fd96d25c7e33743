import { describe, expect, it } from 'vitest'
import { allCapabilities, defaultCapabilities } from '../../../src/specgen/capabilities'
import {
  defaultProfile,
  parseProfile,
  type SeccompProfile,
  selectSeccomp,
} from '../../../src/specgen/seccomp'
import { ordinaryCalls, refusedCalls } from '../../../src/specgen/seccomp/calls'
import { messageOf } from './facts'

const facts = { capabilities: defaultCapabilities, arch: 'x64' as const }

const profile = (rules: SeccompProfile['syscalls'], rest: Partial<SeccompProfile> = {}): SeccompProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  syscalls: rules,
  ...rest,
})

const namesOf = (one: SeccompProfile, more = {}) =>
  selectSeccomp(one, { ...facts, ...more }).syscalls.flatMap(({ names }) => names)

const rule = (name: string, rest: Partial<SeccompProfile['syscalls'][number]> = {}) => ({
  names: [name],
  action: 'SCMP_ACT_ALLOW',
  ...rest,
})

describe('which rules of a profile hold', () => {
  it('depends on capabilities', () => {
    const rules = profile([
      rule('a', { includes: { caps: ['CAP_SYS_ADMIN'] } }),
      rule('b', { excludes: { caps: ['CAP_SYS_ADMIN'] } }),
      rule('c', { includes: { caps: ['CAP_KILL', 'CAP_SYS_ADMIN'] } }),
      rule('d', { excludes: { caps: ['CAP_BPF', 'CAP_KILL'] } }),
      rule('e'),
    ])
    expect(namesOf(rules)).toEqual(['b', 'e'])
    expect(namesOf(rules, { capabilities: allCapabilities })).toEqual(['a', 'c', 'e'])
  })

  it('depends on the machine and its kernel', () => {
    const rules = profile([
      rule('a', { includes: { arches: ['arm64'] } }),
      rule('b', { includes: { arches: ['amd64', 'x32'] } }),
      rule('c', { excludes: { arches: ['amd64'] } }),
      rule('d', { includes: { minKernel: '4.8' } }),
      rule('e', { includes: { minKernel: '6.12' } }),
    ])
    expect(namesOf(rules, { kernel: '6.1.0-18-amd64' })).toEqual(['b', 'd'])
    expect(namesOf(rules, { arch: 'arm64', kernel: '10.0.0' })).toEqual(['a', 'c', 'd', 'e'])
  })

  it('names the architectures of the machine', () => {
    const archMap = [
      { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
      { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: null },
    ]
    expect(selectSeccomp(profile([], { archMap }), facts).architectures).toEqual([
      'SCMP_ARCH_X86_64',
      'SCMP_ARCH_X86',
    ])
    expect(selectSeccomp(profile([], { archMap }), { ...facts, arch: 'arm64' }).architectures).toEqual([
      'SCMP_ARCH_AARCH64',
    ])
    expect(selectSeccomp(profile([]), facts).architectures).toEqual(['SCMP_ARCH_X86_64'])
  })

  it('reads errnos as words, as numbers, and with both swapped', () => {
    const [first, second, third] = selectSeccomp(
      profile(
        [rule('a', { errno: 'EPERM', errnoRet: 1 }), rule('b', { errnoRet: 5 }), rule('c', { errno: '38' })],
        { defaultErrno: '38', defaultErrnoRet: 'ENOSYS' as unknown as number },
      ),
      facts,
    ).syscalls
    expect([first?.errnoRet, second?.errnoRet, third?.errnoRet]).toEqual([1, 5, 38])
    expect(selectSeccomp(profile([], { defaultErrno: 'ENOSYS' }), facts).defaultErrnoRet).toBe(38)
  })

  it('takes the older form with one name a rule', () => {
    expect(namesOf(profile([{ name: 'a', action: 'SCMP_ACT_ALLOW' }]))).toEqual(['a'])
  })
})

describe('a profile in a file', () => {
  it('is read', () => {
    const text = JSON.stringify(profile([rule('a')]))
    expect(parseProfile(text, '/p').syscalls).toHaveLength(1)
    expect(parseProfile('{"defaultAction":"SCMP_ACT_ALLOW"}', '/p').syscalls).toEqual([])
  })

  it.each([
    ['{', 'loading seccomp profile (/p) failed: decoding seccomp profile failed: '],
    ['[]', 'loading seccomp profile (/p) failed: there is no defaultAction'],
    ['{"defaultAction":"x","syscalls":{}}', 'loading seccomp profile (/p) failed: syscalls is no list'],
    ['{"defaultAction":"x","syscalls":[{"names":"a"}]}', 'loading seccomp profile (/p) failed: a rule needs'],
  ])('is refused: %s', (text, message) => {
    expect(messageOf(() => parseProfile(text, '/p'))).toContain(message)
  })
})

describe('our own profile', () => {
  it('names each call once', () => {
    expect(new Set(ordinaryCalls).size).toBe(ordinaryCalls.length)
    expect(refusedCalls.filter((name) => ordinaryCalls.includes(name))).toEqual([])
  })

  it('never says two things about one call', () => {
    for (const capabilities of [[], defaultCapabilities, allCapabilities]) {
      const { syscalls } = selectSeccomp(defaultProfile(), { ...facts, capabilities })
      const said = new Map<string, string>()
      for (const { names, action, args } of syscalls.filter(({ args }) => !args))
        for (const name of names) {
          expect([name, args, said.get(name) ?? action]).toEqual([name, args, action])
          said.set(name, action)
        }
    }
  })

  it('answers unknown calls with ENOSYS', () => {
    expect(selectSeccomp(defaultProfile(), facts)).toMatchObject({
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 38,
    })
  })
})
