import { closeSync, openSync, readSync } from 'node:fs'
import { TspodError } from '../../errors'
import { checked, type Kernel } from '../../kernel'
import { launch } from '../../runtime/launch'
import { type FoundContainer, trueState } from '../../state'
import type { EngineContext } from '../context'
import { compileExecLaunch } from '../exec/launch'

const O_CLOEXEC = 0o2000000
const CHUNK = 64 << 10

const readAll = (fd: number): string => {
  const chunks: Buffer[] = []
  for (;;) {
    const chunk = Buffer.alloc(CHUNK)
    const length = readSync(fd, chunk)
    if (length === 0) return Buffer.concat(chunks).toString()
    chunks.push(chunk.subarray(0, length))
  }
}

const openPipe = (kernel: Kernel): { read: number; write: number } => {
  const fds = Buffer.alloc(8)
  checked(kernel.raw.call('pipe2', fds, O_CLOEXEC), 'pipe2', 'ps')
  return { read: fds.readInt32LE(0), write: fds.readInt32LE(4) }
}

// One argument holds several, as a shell would part them.
const words = (given: readonly string[]): string[] =>
  given.length === 1 ? (given[0] ?? '').split(/\s+/).filter(Boolean) : [...given]

/** The container's own ps(1), for columns that only it knows. */
export const psInside = async (
  context: EngineContext,
  { sandbox, container }: FoundContainer,
  given: readonly string[],
): Promise<string[]> => {
  const kernel = await context.kernel()
  const { process } = trueState(sandbox, container)
  if (!process) throw new TspodError('state', 'top can only be used on running containers')
  const command = ['ps', ...words(given)]
  const program = await compileExecLaunch(context, kernel, container, process, { command })
  const pipe = openPipe(kernel)
  const nothing = openSync('/dev/null', 'r+')
  try {
    const { pid } = await launch(kernel, program, { stdin: nothing, stdout: pipe.write, stderr: pipe.write })
    closeSync(pipe.write)
    const text = readAll(pipe.read)
    const { code } = kernel.waitFor(pid)
    if (code !== 0)
      throw new TspodError('invalid', `executing ps(1) in container: ${text.trim() || `exit status ${code}`}`)
    const own = command.join(' ')
    return text.split('\n').filter((line) => line !== '' && !line.includes(own))
  } finally {
    closeSync(pipe.read)
    closeSync(nothing)
  }
}
