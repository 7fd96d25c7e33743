import { Errno } from '../../kernel'
import { CLOSE_RANGE_CLOEXEC } from '../../kernel/constants'
import type { OciProcess } from '../../specgen/types'
import { WORKDIR } from '../failure'
import type { SyscallProgram } from '../program/program'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const MAX_DESCRIPTOR = 0xffffffff

const candidates = (command: string, env: readonly string[]): string[] => {
  if (command.includes('/')) return [command]
  const path = env.findLast((entry) => entry.startsWith('PATH='))?.slice(5) ?? DEFAULT_PATH
  return path.split(':').map((folder) => `${folder || '.'}/${command}`)
}

/** Hands pipes of ours to the container's user, who may want to open them again as /dev/stdout. */
export const ownStreams = (
  program: SyscallProgram,
  streams: readonly number[],
  user: OciProcess['user'],
): void => {
  if (user.uid === 0 && user.gid === 0) return
  for (const fd of streams) {
    program.step('fchown', [fd, user.uid, user.gid], `hand over descriptor ${fd}`, { allow: 'any' })
  }
}

/** The last steps: working folder, no descriptors of ours, and the command in the program's place. */
export const becomeCommand = (program: SyscallProgram, process: OciProcess, preserveFds: number): void => {
  const first = process.args[0] ?? ''
  program.step('chdir', [process.cwd], `${WORKDIR}${process.cwd}`)
  program.step('umask', [process.user.umask], 'set umask')
  const closing = [3 + preserveFds, MAX_DESCRIPTOR, CLOSE_RANGE_CLOEXEC]
  program.step('close_range', closing, 'close descriptors')
  const [argv, envp] = [program.stringArray(process.args), program.stringArray(process.env)]
  const paths = candidates(first, process.env)
  const search = !first.includes('/')
  const unsuitable = { allow: [Errno.ENOENT, Errno.ENOTDIR, Errno.EACCES] }
  paths.forEach((path, index) => {
    const last = index === paths.length - 1
    program.step(
      'execve',
      [path, argv, envp],
      search && last ? 'search $PATH' : `exec ${path}`,
      last ? {} : unsuitable,
    )
  })
}
