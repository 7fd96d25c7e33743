import { TspodError } from '../errors'
import { Errno, errnoName, errnoText } from '../kernel'
import type { StepNote } from './program/program'

/** What the step into the working folder says of itself, before the folder. */
export const WORKDIR = 'change to working folder '

// Podman's words, which scripts look for.
const NOT_FOUND = 'OCI runtime attempted to invoke a command that was not found'

const commandNotFound = (command: string): TspodError =>
  new TspodError(
    'command-not-found',
    `executable file \`${command}\` not found in $PATH: no such file or directory: ${NOT_FOUND}`,
    {
      call: 'execve',
      errno: 'ENOENT',
      object: command,
    },
  )

const commandFailed = (command: string, errno: number): TspodError => {
  const context = { call: 'execve', errno: errnoName(errno), object: command }
  if (errno === Errno.ENOENT || errno === Errno.ENOTDIR) {
    const message = `exec \`${command}\`: ${errnoText(errno)} (or the interpreter it names is not in the image): ${NOT_FOUND}`
    return new TspodError('command-not-found', message, context)
  }
  const denied = errno === Errno.EACCES ? ': OCI permission denied' : ''
  return new TspodError(
    'command-not-executable',
    `exec \`${command}\`: ${errnoText(errno)}${denied}`,
    context,
  )
}

/** The error for a failed step of a program: the command's own failures have codes of their own. */
export const describeFailure = (note: StepNote | undefined, errno: number, command: string): TspodError => {
  if (!note)
    return new TspodError('system', `start ${command}: ${errnoText(errno)}`, { errno: errnoName(errno) })
  if (note.call === 'execve') {
    return note.doing === 'search $PATH' ? commandNotFound(command) : commandFailed(command, errno)
  }
  if (note.call === 'chdir' && note.doing.startsWith(WORKDIR) && errno === Errno.ENOENT) {
    const folder = note.doing.slice(WORKDIR.length)
    const context = { call: 'chdir', errno: 'ENOENT', object: folder }
    return new TspodError(
      'command-not-executable',
      `workdir "${folder}" does not exist on container`,
      context,
    )
  }
  const hint = errno === Errno.ENOSPC ? ': free some space on that disk and try again' : ''
  const context = { call: note.call, errno: errnoName(errno), object: note.doing }
  return new TspodError('system', `${note.doing}: ${errnoText(errno)}${hint}`, context)
}
