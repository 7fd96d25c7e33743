import { readFileSync } from 'node:fs'

/** The name that the launcher knows a holder by: /proc/PID/comm. */
export const HOLDER_NAME = 'tspod-userns'

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'latin1').trim()
  } catch {
    return ''
  }
}

/** The PID of the process that a user's `tspod/holder` names; empty where there is no such file. */
export const readHolder = (file: string): string => readText(file)

/** Whether that process is one that holds a user's namespaces. */
export const isHolder = (pid: string): boolean => pid !== '' && readText(`/proc/${pid}/comm`) === HOLDER_NAME
