import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TspodError } from '../../errors'
import type { Kernel } from '../../kernel'
import type { MonitorClient } from '../../runtime/attach/client'
import { execAttached } from '../../runtime/attach/exec-attached'
import { Foreground } from '../../runtime/attach/foreground'
import type { Launch } from '../../runtime/launch'
import { type FoundContainer, newId } from '../../state'
import type { AttachStreams } from '../api/common'
import type { ExecOptions, ExecResult } from '../api/containers'
import type { EngineContext } from '../context'
import { connectMonitor } from '../monitor'
import { DETACH_KEYS, sessionEnd } from '../session'

// Messages carry no bytes; the monitor has read the file when it answers.
const withProgramFile = async <T>(
  context: EngineContext,
  session: { containerId: string; execId: string },
  launch: Launch,
  act: (launch: Launch) => Promise<T>,
): Promise<T> => {
  if (typeof launch.program === 'string') return act(launch)
  const program = join(context.paths.containerRun(session.containerId), `exec-${session.execId}`)
  try {
    writeFileSync(program, launch.program, { mode: 0o700 })
    return await act({ ...launch, program })
  } finally {
    rmSync(program, { force: true })
  }
}

/** As the monitor's child, without streams. */
export const execDetached = async (
  context: EngineContext,
  { sandbox, container }: FoundContainer,
  launch: Launch,
): Promise<ExecResult> => {
  const session = { containerId: container.id, execId: newId() }
  const monitor = await connectMonitor(context, sandbox)
  if (!monitor) throw new TspodError('system', `the monitor of container ${container.id} is gone`)
  try {
    await withProgramFile(context, session, launch, (sent) =>
      context.state.withSandbox(sandbox.id, async (locked) => {
        const record = locked.sandbox.containers.find((one) => one.id === container.id)
        await monitor.call('exec', { ...session, launch: sent, stdin: false })
        record?.state.execIds.push(session.execId)
      }),
    )
  } finally {
    monitor.close()
  }
  return { id: session.execId, exitCode: 0, detached: true }
}

const MINUTE = 60_000

/** As our own child, with our streams. */
export const execHere = async (kernel: Kernel, launch: Launch, options: ExecOptions): Promise<ExecResult> => {
  const { stdin, stdout, stderr, detachKeys = DETACH_KEYS, sigProxy } = options.streams ?? {}
  // Its streams may close before it ends, and a handler for SIGCHLD alone does not keep Node alive.
  const alive = setInterval(() => undefined, MINUTE)
  try {
    const outcome = await execAttached({
      kernel,
      launch,
      stdin: options.interactive ? stdin : undefined,
      stdout,
      stderr,
      detachKeys,
      sigProxy: sigProxy ?? !options.tty,
    })
    return sessionEnd(newId(), outcome)
  } finally {
    clearInterval(alive)
  }
}

/** As the monitor's child, so that it goes on when the user detaches from its terminal. */
export const execThroughMonitor = async (
  context: EngineContext,
  client: MonitorClient,
  containerId: string,
  launch: Launch,
  streams: AttachStreams,
): Promise<ExecResult> => {
  const kernel = await context.kernel()
  const session = { containerId, execId: newId() }
  const foreground = new Foreground({
    kernel,
    peer: client,
    tty: true,
    stdin: streams.stdin,
    stdout: streams.stdout,
    detachKeys: streams.detachKeys ?? DETACH_KEYS,
    sigProxy: streams.sigProxy ?? false,
  })
  try {
    const stdin = streams.stdin !== undefined
    const attach = foreground.wanted
    foreground.takeTerminal()
    const { process } = await withProgramFile(context, session, launch, (sent) =>
      client.call('exec', { ...session, launch: sent, stdin, attach }),
    )
    const outcome = await foreground.follow({
      signal: (signal) => kernel.signal(process, signal),
      resize: (size) => {
        client.call('resizeExec', { execId: session.execId, size }).catch(() => undefined)
      },
    })
    return sessionEnd(session.execId, outcome)
  } finally {
    foreground.close()
    client.close()
  }
}
