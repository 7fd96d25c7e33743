import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Kernel, openKernel } from '../../kernel'
import { POLL } from '../../kernel/polling'
import { startSpare } from './leave'
import { sparePlace } from './place'
import { type HandedOver, type SpareOptions, waitForCommand } from './wait'

export type { HandedOver }

/** How long a command waits for a spare process that it has told to end. */
const END_MS = 1000

const isEmpty = (folder: string): boolean => {
  try {
    return readdirSync(folder).length === 0
  } catch {
    return true
  }
}

/**
 * Whether the engine's folder holds no pod and no container any more: with the last one goes the process that waits for the next
 * command.
 */
export const isNothingLeft = (root: string): boolean => isEmpty(join(root, 'sandboxes'))

/** Ends the process that waits, if there is one. */
export const endSpare = (kernel: Kernel): void => {
  const place = sparePlace(process.env)
  const connection = place && kernel.connectUnix(place.socket)
  if (connection === undefined) return
  // a message without streams
  kernel.sendSocket(connection, Buffer.from([0]), 1)
  kernel.poll([{ fd: connection, events: POLL.IN }], END_MS)
  kernel.close(connection)
}

/** Starts a process that waits for the next command, unless one does (docs/adr/2026-11-25-spare.md). */
export const leaveSpare = (kernel: Kernel, main: string): void => {
  const place = sparePlace(process.env)
  if (place) startSpare(kernel, place, main)
}

/** Waits for a command that a launcher hands over, with the kernel that it then uses; undefined where none came. */
export const waitAsSpare = (
  options: Omit<SpareOptions, 'place'>,
): { kernel: Kernel; command: HandedOver } | undefined => {
  const place = sparePlace(process.env)
  if (!place) return undefined
  const kernel = openKernel()
  const command = waitForCommand(kernel, { ...options, place })
  return command && { kernel, command }
}
