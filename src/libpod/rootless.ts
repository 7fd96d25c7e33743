import { rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { TspodError } from '../errors'
import { isHolder, readHolder } from '../runtime/rootless/holder-file'
import type { EngineContext } from './context'

/** Commands about an ordinary user's own namespaces. */
export interface RootlessVerbs {
  /** Becomes a command that runs in them, with the user as root. */
  unshare(command: readonly string[]): Promise<never>
  /**
   * Stops what runs and ends the process that holds the namespaces: the next command makes new ones, with the ids that
   * the user has by then. The ids of the containers that were stopped.
   */
  migrate(): Promise<string[]>
}

const SIGTERM = 15

const unshare = async (context: EngineContext, command: readonly string[]): Promise<never> => {
  if (!context.rootless) throw new TspodError('usage', 'please use unshare with rootless')
  const kernel = await context.kernel()
  const [name = ''] = command
  const path = name.includes('/') ? name : kernel.findProgram(name)
  if (path) return kernel.become(path, command)
  throw new TspodError(
    'command-not-found',
    `exec: ${JSON.stringify(name)}: executable file not found in $PATH`,
  )
}

const endHolder = (runtimeFolder: string): void => {
  const file = join(runtimeFolder, 'tspod/holder')
  const pid = readHolder(file)
  rmSync(file, { force: true })
  if (isHolder(pid)) process.kill(Number(pid), SIGTERM)
}

const stopAll = async (context: EngineContext): Promise<string[]> => {
  const { containerVerbs } = await import('./container-verbs')
  const { podVerbs } = await import('./pod-verbs')
  const running = context.state
    .list()
    .sandboxes.flatMap(({ containers }) => containers.filter(({ state, infra }) => state.process && !infra))
  const stopped = [
    await podVerbs(context).stop([], { all: true }),
    await containerVerbs(context).stop([], { all: true }),
  ]
  const [failure] = stopped.flatMap(({ errors }) => errors)
  if (failure) throw failure
  return running.map(({ id }) => id)
}

export const rootlessVerbs = (context: EngineContext): RootlessVerbs => ({
  unshare: (command) => unshare(context, command),
  migrate: async () => {
    if (!context.rootless) return []
    const stopped = await stopAll(context)
    endHolder(process.env.TSPOD_ROOTLESS || dirname(context.runroot))
    return stopped
  },
})
