import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readText } from '../../state'
import type { EngineContext } from '../context'

const pathOf = (context: EngineContext, id: string): string => join(context.paths.containerRun(id), 'cgroup')

/** Keeps the files by which a process joins a container's cgroup, for `exec`. */
export const writeProcsFiles = (context: EngineContext, id: string, files: readonly string[]): void =>
  writeFileSync(pathOf(context, id), files.join('\n'), { mode: 0o600 })

export const readProcsFiles = (context: EngineContext, id: string): string[] =>
  (readText(pathOf(context, id)) ?? '').split('\n').filter((line) => line !== '')
