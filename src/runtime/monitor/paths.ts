import { closeSync, constants, openSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** Folder of the monitors' sockets and error logs. */
const monitorsFolder = (runroot: string): string => join(runroot, 'monitors')

const short = (sandboxId: string): string => sandboxId.slice(0, 12)

export const monitorSocket = (runroot: string, sandboxId: string): string =>
  join(monitorsFolder(runroot), `${short(sandboxId)}.sock`)

export const monitorErrorLog = (runroot: string, sandboxId: string): string =>
  join(monitorsFolder(runroot), `${short(sandboxId)}.log`)

/** sun_path holds 108 bytes with a NUL at the end. */
const LONGEST_SOCKET_PATH = 107

/**
 * Hands `act` a path of the socket that is short enough for bind(2) and connect(2): a long one goes through a
 * descriptor of its folder, which is open while `act` runs.
 */
export const withSocketPath = async <T>(path: string, act: (path: string) => Promise<T>): Promise<T> => {
  if (Buffer.byteLength(path) <= LONGEST_SOCKET_PATH) return act(path)
  const folder = openSync(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    return await act(`/proc/self/fd/${folder}/${basename(path)}`)
  } finally {
    closeSync(folder)
  }
}
