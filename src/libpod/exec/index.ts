import { TspodError } from '../../errors'
import { trueState } from '../../state'
import type { ExecOptions, ExecResult } from '../api/containers'
import type { EngineContext } from '../context'
import { connectMonitor } from '../monitor'
import { readIdFile, selectContainer } from '../select'
import { checkMay } from '../states'
import { compileExecLaunch } from './launch'
import { execDetached, execHere, execThroughMonitor } from './sessions'

/**
 * Runs a further program in a container: with our streams as our own child; detached, or with a terminal that one may
 * detach from, as its monitor's.
 */
export const execContainer = async (
  context: EngineContext,
  name: string | undefined,
  options: ExecOptions,
): Promise<ExecResult> => {
  if (options.command.length === 0)
    throw new TspodError(
      'usage',
      'must provide a non-empty command to start an exec session: invalid argument',
    )
  const found = selectContainer(
    context,
    options.cidfile ? readIdFile(options.cidfile, 'CIDFile') : name,
    options.latest,
  )
  const { container } = found
  const state = trueState(found.sandbox, container)
  checkMay('exec', container.id, state.status)
  const kernel = await context.kernel()
  const launch = await compileExecLaunch(context, kernel, container, state.process!, options)
  if (options.detach) return execDetached(context, found, launch)
  const client = options.tty ? await connectMonitor(context, found.sandbox) : undefined
  if (!client) return execHere(kernel, launch, options)
  const { stdin, ...streams } = options.streams ?? {}
  const attached = options.interactive ? { ...streams, stdin } : streams
  return execThroughMonitor(context, client, container.id, launch, attached)
}
