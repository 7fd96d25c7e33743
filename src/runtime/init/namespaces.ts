import { type NamespaceKind, namespaceFlag } from '../../kernel'
import { CLONE, MS } from '../../kernel/constants'
import type { OciNamespaceType, OciSpec } from '../../specgen/types'
import { STATUS_FD } from '../launch'
import type { SyscallProgram } from '../program/program'
import { MESSAGE_BYTES, StatusWord } from '../program/status'
import type { Join } from './input'
import { writeHostFile } from './paths'

const kindOf: Record<OciNamespaceType, NamespaceKind> = {
  mount: 'mnt',
  uts: 'uts',
  ipc: 'ipc',
  network: 'net',
  pid: 'pid',
  cgroup: 'cgroup',
  user: 'user',
  time: 'time',
}

/** CLONE_NEW* flags of the namespaces that the spec wants made. */
export const newNamespaces = (spec: OciSpec): number =>
  spec.linux.namespaces
    .filter((namespace) => namespace.path === undefined)
    .reduce((flags, { type }) => flags | namespaceFlag[kindOf[type]], 0)

export const joinsUserNamespace = (joins: readonly Join[]): boolean =>
  joins.some(({ kinds }) => kinds.includes('user'))

const enter = (program: SyscallProgram, joins: readonly Join[], owner: Join['owner']): void => {
  for (const join of joins.filter((each) => each.owner === owner)) {
    const kinds = join.kinds.filter((kind) => kind !== 'user')
    if (!kinds.length) continue
    const flags = kinds.reduce((sum, kind) => sum | namespaceFlag[kind], 0)
    program.step('setns', [join.fd, flags], `join the ${kinds.join(', ')} namespace`)
  }
}

/** Namespaces that the host owns, entered with the host's rights. */
export const enterHostOwned = (program: SyscallProgram, joins: readonly Join[]): void =>
  enter(program, joins, 'host')

/** The user namespace, as its root, then those that it owns. */
export const enterContainerOwned = (program: SyscallProgram, joins: readonly Join[]): void => {
  const user = joins.find(({ kinds }) => kinds.includes('user'))
  if (user) {
    program.step('setns', [user.fd, CLONE.NEWUSER], 'join the user namespace')
    program.step('setgroups', [0, null], 'leave all groups', { allow: 'any' })
    program.step('setresgid', [0, 0, 0], 'become root of the user namespace')
    program.step('setresuid', [0, 0, 0], 'become root of the user namespace')
  }
  enter(program, joins, 'container')
}

/** Mount events of the host come in, none goes out. */
export const detachMounts = (program: SyscallProgram): void => {
  program.step('mount', [null, '/', null, MS.REC | MS.SLAVE, null], 'detach the mounts from the host')
}

/** Enters the cgroup and sets what is written through the host's /proc. */
export const enterCgroup = (program: SyscallProgram, procsFiles: readonly string[]): void => {
  for (const file of procsFiles) writeHostFile(program, file, '0', { doing: `enter cgroup ${file}` })
}

/**
 * Makes the process that goes on, as a child of whoever started us: only a child is in a new PID namespace. We tell
 * its PID, as seen from here, and end.
 */
export const forkOff = (program: SyscallProgram): void => {
  const message = Buffer.alloc(MESSAGE_BYTES)
  message.writeBigUInt64LE(BigInt(StatusWord.started))
  const address = program.addressOf(message)
  const pid = { address: address + 8 }
  const [parent, child] = [program.label(), program.label()]
  const SIGCHLD = 17
  const flags = CLONE.PARENT | SIGCHLD
  const options = { store: pid, onPositive: parent, next: child }
  program.step('clone', [flags, 0, 0, 0, 0], 'make the process', options)
  program.place(parent)
  program.step('write', [STATUS_FD, address, MESSAGE_BYTES], 'tell the PID')
  program.step('exit_group', [0], 'end')
  program.place(child)
}

/** What a failed step leads to: errno and step go out, and the process ends. */
export const reportFailures = (program: SyscallProgram): void => {
  const failed = program.label()
  program.place(failed)
  program.onFailure(failed)
  const end = program.label()
  program.step('write', [STATUS_FD, program.header, MESSAGE_BYTES], 'report', {
    allow: 'any',
    otherwise: end,
  })
  program.place(end)
  program.step('exit_group', [125], 'end')
}
