import { writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { TspodError } from '../../errors'
import { errnoText, type Kernel } from '../../kernel'
import { CLONE, MS, PR } from '../../kernel/constants'
import type { IdMapping } from '../../state/types'
import { reportFailures } from '../init/namespaces'
import { STATUS_FD } from '../launch'
import { waitForEnd } from '../program/pause'
import { SyscallProgram } from '../program/program'
import { MESSAGE_BYTES, openStatusSocket, StatusWord } from '../program/status'
import { HOLDER_NAME } from './holder-file'
import { mapOf, subordinateRanges } from './id-ranges'

// Lives as long as the user has pods, or until `system migrate`: it holds the user namespace and, with the mount
// namespace, everything that is pinned in it.
const holderProgram = (kernel: Kernel): Buffer => {
  const program = new SyscallProgram(kernel.raw.arch)
  const message = Buffer.alloc(MESSAGE_BYTES)
  message.writeBigUInt64LE(BigInt(StatusWord.started))
  program.step('unshare', [CLONE.NEWUSER], 'make a user namespace')
  program.step('write', [STATUS_FD, message, MESSAGE_BYTES], 'tell that it is made')
  program.step('read', [STATUS_FD, Buffer.alloc(8), 8], 'wait for the maps')
  program.step('setresgid', [0, 0, 0], 'become root of the user namespace')
  program.step('setresuid', [0, 0, 0], 'become root of the user namespace')
  program.step('unshare', [CLONE.NEWNS], 'make a mount namespace')
  program.step('mount', [null, '/', null, MS.REC | MS.SLAVE, null], 'detach the mounts from the host')
  program.step('setsid', [], 'make a session')
  program.step('chdir', ['/'], 'change to /')
  program.step('prctl', [PR.SET_NAME, HOLDER_NAME, 0, 0, 0], 'set the name')
  program.step('write', [STATUS_FD, message, MESSAGE_BYTES], 'tell that it is ready')
  program.step('close', [STATUS_FD], 'close the socket')
  waitForEnd(program)
  reportFailures(program)
  return program.compile().elf
}

const argumentsOf = (rows: readonly IdMapping[]): string[] =>
  rows.flatMap(({ container, host, size }) => [String(container), String(host), String(size)])

const runMapper = (kernel: Kernel, tool: string, pid: number, rows: readonly IdMapping[]): void => {
  const { code, stderr } = kernel.runProgram(tool, [String(pid), ...argumentsOf(rows)])
  if (code === 0) return
  throw new TspodError('denied', `map ids with ${tool}: ${stderr.toString().trim()}`, { call: tool })
}

// Whoever has no ranges, or no tool that may map them, still has his own id.
const mapSelfAlone = (pid: number, uid: number, gid: number): void => {
  writeFileSync(`/proc/${pid}/setgroups`, 'deny')
  writeFileSync(`/proc/${pid}/uid_map`, `0 ${uid} 1`)
  writeFileSync(`/proc/${pid}/gid_map`, `0 ${gid} 1`)
}

const writeMaps = (kernel: Kernel, pid: number): void => {
  const { username: name, uid, gid } = userInfo()
  const ranges = subordinateRanges({ name, uid })
  const [forUids, forGids] = [kernel.findProgram('newuidmap'), kernel.findProgram('newgidmap')]
  if (!forUids || !forGids || !ranges.uids.length || !ranges.gids.length) mapSelfAlone(pid, uid, gid)
  else {
    runMapper(kernel, forUids, pid, mapOf(uid, ranges.uids))
    runMapper(kernel, forGids, pid, mapOf(gid, ranges.gids))
  }
}

const forbidden = (errno: number): TspodError => {
  const hint =
    'user namespaces may be switched off here: see sysctl user.max_user_namespaces and kernel.unprivileged_userns_clone'
  return new TspodError('denied', `make a user namespace: ${errnoText(errno)} (${hint})`, {
    call: 'unshare',
    hint,
  })
}

/**
 * Starts the process that holds the user's namespaces, with the maps that the host allows; its PID. It outlives us.
 */
export const startHolder = (kernel: Kernel): number => {
  const status = openStatusSocket(kernel)
  const memory = kernel.executableMemory(HOLDER_NAME, holderProgram(kernel))
  if (memory === undefined) throw new TspodError('system', 'memory files may not be executed here')
  const answer = () => {
    const message = status.receiveNow()
    if (message?.kind !== 'started') throw forbidden(message?.kind === 'failed' ? message.errno : 0)
  }
  const program = { fd: memory }
  const pid = kernel.spawn({
    program,
    args: [HOLDER_NAME],
    env: [],
    descriptors: [[status.theirs, STATUS_FD]],
  })
  kernel.close(status.theirs)
  try {
    answer()
    writeMaps(kernel, pid)
    status.go()
    answer()
    return pid
  } catch (error) {
    process.kill(pid, 'SIGKILL')
    kernel.waitFor(pid)
    throw error
  } finally {
    status.close()
    kernel.close(memory)
  }
}
