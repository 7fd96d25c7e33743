import { TspodError } from '../errors'
import type { Kernel, ProcessId } from '../kernel'
import type { MonitorClient } from '../runtime/attach/client'
import { type AttachOutcome, Foreground } from '../runtime/attach/foreground'
import type { ContainerRecord } from '../state'
import type { AttachStreams, SessionEnd } from './api/common'

export const DETACH_KEYS = 'ctrl-p,ctrl-q'
/** As the shell tells a program that ended because nobody reads its output. */
const OUTPUT_CLOSED = 141

/** This command's terminal or streams in the place of the container's. Signals are caught from now on. */
export const openForeground = (
  kernel: Kernel,
  peer: MonitorClient,
  container: ContainerRecord,
  streams: AttachStreams,
): Foreground => {
  const { tty } = container.config
  return new Foreground({
    kernel,
    peer,
    tty,
    stdin: streams.stdin,
    stdout: streams.stdout,
    stderr: streams.stderr,
    detachKeys: streams.detachKeys ?? DETACH_KEYS,
    sigProxy: streams.sigProxy ?? !tty,
  })
}

/** Passes everything on until the container ends or the user detaches. */
export const followContainer = (
  kernel: Kernel,
  client: MonitorClient,
  foreground: Foreground,
  container: { id: string; process: ProcessId },
): Promise<AttachOutcome> =>
  foreground.follow({
    signal: (signal) => kernel.signal(container.process, signal),
    resize: (size) => {
      client.call('resize', { containerId: container.id, size }).catch(() => undefined)
    },
  })

/** What the command is told of how a session ended. */
export const sessionEnd = (id: string, outcome: AttachOutcome): SessionEnd => {
  switch (outcome.reason) {
    case 'exit':
      return { id, exitCode: outcome.exit.exitCode, detached: false }
    case 'exec-exit':
      return { id, exitCode: outcome.exitCode, detached: false }
    case 'detached':
      return { id, exitCode: 0, detached: true }
    case 'output-closed':
      return { id, exitCode: OUTPUT_CLOSED, detached: true }
    case 'lost':
      throw new TspodError('system', `the monitor of container ${id} is gone; the container may still run`, {
        object: id,
      })
  }
}
