import { architectureCalls, ordinaryCalls, privilegedCalls, refusedCalls, tracingCalls } from './calls'
import type { SeccompProfile, SeccompRule } from './profile'

const EPERM = 1
const EINVAL = 22
const ENOSYS = 38

const allow = (names: readonly string[], rest: Partial<SeccompRule> = {}): SeccompRule => ({
  names: [...names],
  action: 'SCMP_ACT_ALLOW',
  ...rest,
})

const refuse = (names: readonly string[], rest: Partial<SeccompRule> = {}): SeccompRule => ({
  names: [...names],
  action: 'SCMP_ACT_ERRNO',
  errnoRet: EPERM,
  ...rest,
})

const is = (index: number, value: number) => ({ index, value, op: 'SCMP_CMP_EQ' })

/**
 * `size` values from `start` on, a power of two that `start` is a multiple of. The kernel takes an int and drops what a
 * caller puts into the upper half of the register, so the filter must not look at it either.
 */
const among = (index: number, start: number, size = 1) => ({
  index,
  value: 0x100000000 - size,
  valueTwo: start,
  op: 'SCMP_CMP_MASKED_EQ',
})

/** Linux, 32 bits, UNAME26, both, and asking which: nothing that weakens a process. */
const personalities = [0, 8, 0x20000, 0x20008, 0xffffffff].map((value) =>
  allow(['personality'], { args: [is(0, value)] }),
)

const AF_NETLINK = 16
const AF_VSOCK = 40
const NETLINK_AUDIT = 9

/** Address families up to 47 as `[first, count]`, but for AF_NETLINK and AF_VSOCK. Linux has 46. */
const families = [
  [0, 16],
  [17, 1],
  [18, 2],
  [20, 4],
  [24, 8],
  [32, 8],
  [41, 1],
  [42, 2],
  [44, 4],
] as const

/** Protocols of AF_NETLINK but for NETLINK_AUDIT. Linux has 32. */
const netlinkProtocols = [
  [0, 8],
  [8, 1],
  [10, 2],
  [12, 4],
  [16, 16],
] as const

const withoutAudit = { excludes: { caps: ['CAP_AUDIT_WRITE'] } }

/**
 * Making sockets. AF_VSOCK reaches the host of a virtual machine past all network namespaces. The audit protocol is
 * refused with EINVAL, as a kernel without audit does, so that PAM goes on without.
 */
const socketRules: SeccompRule[] = [
  ...families.map(([start, size]) => allow(['socket'], { args: [among(0, start, size)] })),
  refuse(['socket'], { args: [among(0, AF_VSOCK)] }),
  allow(['socket'], { args: [among(0, AF_NETLINK)], includes: { caps: ['CAP_AUDIT_WRITE'] } }),
  ...netlinkProtocols.map(([start, size]) =>
    allow(['socket'], { args: [among(0, AF_NETLINK), among(2, start, size)], ...withoutAudit }),
  ),
  refuse(['socket'], {
    errnoRet: EINVAL,
    args: [among(0, AF_NETLINK), among(2, NETLINK_AUDIT)],
    ...withoutAudit,
  }),
]

/** tspod's own profile: what Podman and Docker allow, from the kernel's list of system calls. */
export const defaultProfile = (): SeccompProfile => ({
  defaultAction: 'SCMP_ACT_ERRNO',
  defaultErrnoRet: ENOSYS,
  archMap: [
    { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
    { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
  ],
  syscalls: [
    allow(ordinaryCalls),
    refuse(refusedCalls),
    ...personalities,
    ...socketRules,
    ...architectureCalls.map(([arches, calls]) => allow(calls, { includes: { arches: [...arches] } })),
    ...privilegedCalls.flatMap(([capability, calls]) => [
      allow(calls, { includes: { caps: [capability] } }),
      refuse(calls, { excludes: { caps: [capability] } }),
    ]),
    ...tracingCalls.flatMap(([capabilities, calls]) => [
      ...capabilities.map((capability) => allow(calls, { includes: { caps: [capability] } })),
      refuse(calls, { excludes: { caps: [...capabilities] } }),
    ]),
  ],
})
