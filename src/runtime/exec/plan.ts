import { namespaceFlag } from '../../kernel'
import { AT, O, PR } from '../../kernel/constants'
import { becomeCommand, ownStreams } from '../init/command'
import { setCredentials, setLimits } from '../init/credentials'
import type { ExecInput } from '../init/input'
import { enterCgroup, forkOff, reportFailures } from '../init/namespaces'
import { makeTerminal } from '../init/terminal'
import { STATUS_FD } from '../launch'
import { type CompiledProgram, SyscallProgram } from '../program/program'

/** Further programs in a running container: joins its namespaces and becomes the command. */
export const compileExec = (input: ExecInput): CompiledProgram => {
  const program = new SyscallProgram(input.arch)
  const { process } = input
  enterCgroup(program, input.procsFiles)
  program.step('prctl', [PR.SET_DUMPABLE, 0, 0, 0, 0], 'become non-dumpable')
  for (const join of input.joins) {
    const flags = join.kinds.reduce((sum, kind) => sum | namespaceFlag[kind], namespaceFlag.mnt)
    program.step('setns', [join.fd, flags], "join the container's namespaces")
  }
  forkOff(program)
  program.step('setsid', [], 'make a session')
  if (process.terminal) {
    const root = program.cell()
    program.step('openat', [AT.FDCWD, '/', O.PATH | O.DIRECTORY | O.CLOEXEC, 0], 'open the root', {
      store: root,
    })
    const owner = { uid: process.user.uid, gid: process.user.gid }
    makeTerminal(program, root, { status: STATUS_FD, size: process.consoleSize, owner })
  }
  setLimits(program, process.rlimits)
  ownStreams(program, input.ownedStreams, process.user)
  setCredentials(program, process, input.seccompFilter)
  becomeCommand(program, process, input.preserveFds ?? 0)
  reportFailures(program)
  return program.compile()
}
