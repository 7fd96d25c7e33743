import { Errno } from '../../kernel'
import { PR, PR_CAP_AMBIENT_CLEAR_ALL, PR_CAP_AMBIENT_RAISE } from '../../kernel/constants'
import type { OciProcess } from '../../specgen/types'
import type { SyscallProgram } from '../program/program'
import { capabilityMask, capabilityNames } from './capabilities'

const CAPABILITY_VERSION_3 = 0x20080522
const SECCOMP_SET_MODE_FILTER = 1
const SOCK_FILTER_BYTES = 8

const RLIMITS = [
  'CPU',
  'FSIZE',
  'DATA',
  'STACK',
  'CORE',
  'RSS',
  'NPROC',
  'NOFILE',
  'MEMLOCK',
  'AS',
  'LOCKS',
  'SIGPENDING',
  'MSGQUEUE',
  'NICE',
  'RTPRIO',
  'RTTIME',
] as const

// -1 is RLIM_INFINITY.
const limitWord = (value: number): bigint => (value < 0 ? 0xffffffffffffffffn : BigInt(value))

export const setLimits = (program: SyscallProgram, limits: OciProcess['rlimits']): void => {
  for (const { type, soft, hard } of limits) {
    const resource = RLIMITS.findIndex((name) => `RLIMIT_${name}` === type)
    if (resource < 0) continue
    const pair = Buffer.alloc(16)
    pair.writeBigUInt64LE(limitWord(soft), 0)
    pair.writeBigUInt64LE(limitWord(hard), 8)
    program.step('prlimit64', [0, resource, pair, null], `set ${type} to ${soft}:${hard}`)
  }
}

const groupList = (gids: readonly number[]): Buffer => {
  const list = Buffer.alloc(Math.max(gids.length, 1) * 4)
  gids.forEach((gid, index) => {
    list.writeUInt32LE(gid, index * 4)
  })
  return list
}

const setUser = (program: SyscallProgram, user: OciProcess['user']): void => {
  const groups = user.additionalGids
  // A user namespace of one id forbids setgroups; that costs nothing where there are no groups to set.
  const rest = groups.length ? {} : { allow: [Errno.EPERM] }
  program.step('setgroups', [groups.length, groupList(groups)], `set groups ${groups.join(',')}`, rest)
  program.step('setresgid', [user.gid, user.gid, user.gid], `set group ${user.gid}`)
  program.step('setresuid', [user.uid, user.uid, user.uid], `set user ${user.uid}`)
}

const setCapabilities = (program: SyscallProgram, sets: OciProcess['capabilities']): void => {
  const header = Buffer.alloc(8)
  header.writeUInt32LE(CAPABILITY_VERSION_3)
  const data = Buffer.alloc(24)
  const masks = [sets.effective, sets.permitted, sets.inheritable].map(capabilityMask)
  masks.forEach((mask, index) => {
    data.writeUInt32LE(Number(mask & 0xffffffffn), index * 4)
    data.writeUInt32LE(Number(mask >> 32n), 12 + index * 4)
  })
  program.step('capset', [header, data], 'set capabilities')
  program.step('prctl', [PR.CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0], 'clear ambient capabilities')
  for (const name of sets.ambient) {
    const number = capabilityNames.indexOf(name)
    program.step('prctl', [PR.CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, number, 0, 0], `raise ${name}`)
  }
}

const dropBounding = (program: SyscallProgram, kept: readonly string[]): void => {
  const mask = capabilityMask(kept)
  capabilityNames.forEach((name, number) => {
    if (mask & (1n << BigInt(number))) return
    // Numbers that this kernel does not know give EINVAL.
    program.step('prctl', [PR.CAPBSET_DROP, number, 0, 0, 0], `drop ${name}`, { allow: [Errno.EINVAL] })
  })
}

const loadSeccomp = (program: SyscallProgram, filter: Uint8Array): void => {
  const header = Buffer.alloc(16)
  header.writeUInt16LE(filter.length / SOCK_FILTER_BYTES, 0)
  header.writeBigUInt64LE(BigInt(program.addressOf(filter)), 8)
  program.step('seccomp', [SECCOMP_SET_MODE_FILTER, 0, header], 'load the seccomp filter')
}

/**
 * Gives up what the container's process must not have. The filter comes first where a privilege is needed to load it,
 * and last where no_new_privs makes one unnecessary, so that it need not allow the calls in between.
 */
export const setCredentials = (
  program: SyscallProgram,
  process: OciProcess,
  filter: Uint8Array | undefined,
): void => {
  if (filter && !process.noNewPrivileges) loadSeccomp(program, filter)
  program.step('prctl', [PR.SET_KEEPCAPS, 1, 0, 0, 0], 'keep capabilities over the change of user')
  dropBounding(program, process.capabilities.bounding)
  setUser(program, process.user)
  program.step('prctl', [PR.SET_KEEPCAPS, 0, 0, 0, 0], 'stop keeping capabilities')
  setCapabilities(program, process.capabilities)
  if (!process.noNewPrivileges) return
  program.step('prctl', [PR.SET_NO_NEW_PRIVS, 1, 0, 0, 0], 'set no_new_privs')
  if (filter) loadSeccomp(program, filter)
}
