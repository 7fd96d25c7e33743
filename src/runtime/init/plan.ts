import { Errno } from '../../kernel'
import { CLONE, PR } from '../../kernel/constants'
import type { OciSpec } from '../../specgen/types'
import { STATUS_FD } from '../launch'
import { type CompiledProgram, SyscallProgram } from '../program/program'
import { becomeCommand, ownStreams } from './command'
import { setCredentials, setLimits } from './credentials'
import { makeDeviceLinks, makeDevices, openDeviceTrees } from './devices'
import type { InitInput } from './input'
import { closeMounts, mountAll, openBindTrees } from './mounts'
import {
  detachMounts,
  enterCgroup,
  enterContainerOwned,
  enterHostOwned,
  forkOff,
  joinsUserNamespace,
  newNamespaces,
  reportFailures,
} from './namespaces'
import { ensureDirectory, writeHostFile } from './paths'
import { makeReadOnly, makeRootReadOnly, maskPaths } from './protection'
import { stayAsReaper } from './reaper'
import { enterRoot, mountRoot, openRoot, pivot } from './rootfs'
import { bindConsole, makeTerminal } from './terminal'

const KEYCTL_JOIN_SESSION_KEYRING = 1

const adjustOomScore = (program: SyscallProgram, score: number | undefined): void => {
  if (score === undefined) return
  const doing = `set oom_score_adj to ${score}`
  // Lowering it takes CAP_SYS_RESOURCE; the value that we have stays where that is missing.
  writeHostFile(program, '/proc/self/oom_score_adj', String(score), {
    doing,
    allow: [Errno.EACCES, Errno.EPERM],
  })
}

const setSysctls = (program: SyscallProgram, sysctl: OciSpec['linux']['sysctl']): void => {
  for (const [name, value] of Object.entries(sysctl)) {
    const path = `/proc/sys/${name.replaceAll('.', '/')}`
    writeHostFile(program, path, value, { doing: `set sysctl ${name} to ${value}` })
  }
}

const setNames = (program: SyscallProgram, spec: OciSpec, flags: number): void => {
  if (!(flags & CLONE.NEWUTS) || !spec.hostname) return
  const name = spec.hostname
  program.step('sethostname', [name, Buffer.byteLength(name)], `set hostname ${name}`)
  if (!spec.domainname) return
  program.step(
    'setdomainname',
    [spec.domainname, Buffer.byteLength(spec.domainname)],
    `set domain ${spec.domainname}`,
  )
}

// As the parent of the container's process: everything that needs the host's paths or rights.
const prepare = (program: SyscallProgram, input: InitInput) => {
  const { spec, joins } = input
  const flags = newNamespaces(spec)
  const ownUser = joinsUserNamespace(joins)
  // What is made in the root has the mode that is written here, whatever the monitor's own mask is.
  program.step('umask', [0], 'clear the umask')
  enterCgroup(program, input.procsFiles)
  adjustOomScore(program, spec.process.oomScoreAdj)
  // From here on nobody may look at our memory and descriptors (CVE-2016-9962).
  program.step('prctl', [PR.SET_DUMPABLE, 0, 0, 0, 0], 'become non-dumpable')
  enterHostOwned(program, joins)
  program.step('unshare', [ownUser ? CLONE.NEWNS : flags], 'make namespaces')
  const trees = openBindTrees(program, spec.mounts)
  const devices = ownUser || input.bindDevices ? openDeviceTrees(program, spec.linux.devices) : new Map()
  detachMounts(program)
  mountRoot(program, input)
  enterRoot(program, input)
  if (ownUser) {
    enterContainerOwned(program, joins)
    program.step('unshare', [flags], 'make namespaces')
  }
  forkOff(program)
  return { flags, ownUser, trees, devices }
}

type Prepared = ReturnType<typeof prepare>

const fillRoot = (
  program: SyscallProgram,
  input: InitInput,
  { ownUser, trees, devices, flags }: Prepared,
): void => {
  const { spec } = input
  const { process } = spec
  const root = openRoot(program, ownUser)
  mountAll(program, root, spec, trees)
  makeDevices(program, root, spec.linux.devices, devices)
  makeDeviceLinks(program, root, input.deviceLinks)
  setSysctls(program, spec.linux.sysctl)
  setNames(program, spec, flags)
  if (process.terminal) {
    const owner = { uid: process.user.uid, gid: process.user.gid }
    makeTerminal(program, root, { status: STATUS_FD, size: process.consoleSize, owner })
    bindConsole(program, root)
  }
  if (input.createWorkdir) ensureDirectory(program, root, process.cwd)
  closeMounts(program, root, spec)
  maskPaths(program, root, spec.linux.maskedPaths)
  makeReadOnly(program, root, spec.linux.readonlyPaths)
  if (spec.root.readonly) makeRootReadOnly(program, root)
  pivot(program, root)
}

/**
 * The whole way from a spawned process to the container's command. Pure: the same input gives the same program, which
 * a monitor runs again for every restart.
 */
export const compileInit = (input: InitInput): CompiledProgram => {
  const program = new SyscallProgram(input.arch)
  const { process } = input.spec
  const prepared = prepare(program, input)
  program.step('setsid', [], 'make a session')
  program.step('keyctl', [KEYCTL_JOIN_SESSION_KEYRING, null], 'make a session keyring', { allow: 'any' })
  fillRoot(program, input, prepared)
  setLimits(program, process.rlimits)
  ownStreams(program, input.ownedStreams, process.user)
  setCredentials(program, process, input.seccompFilter)
  if (input.reaper) stayAsReaper(program)
  becomeCommand(program, process, input.preserveFds ?? 0)
  reportFailures(program)
  return program.compile()
}
