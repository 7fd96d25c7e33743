import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'

/** Makes the folder that everything of a run lies in, and removes it. */
export default function setup(project: TestProject) {
  if (process.getuid?.() !== 0) throw new Error('the integration tests need root')
  const folder = mkdtempSync(join(tmpdir(), 'tspod-tests-'))
  project.provide('folder', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

declare module 'vitest' {
  interface ProvidedContext {
    /** Folder of this run, on a disk that can hold overlays. */
    folder: string
  }
}
