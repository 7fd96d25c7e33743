import { closeSync, openSync, unlinkSync, writeSync } from 'node:fs'
import { TspodError } from '../errors'
import { errnoOf, fileError } from '../state'

/** A file that an id is to be written to. It is made at once, so that a mistake shows before anything is done. */
export interface IdFile {
  write(id: string): void
  discard(): void
}

/** Opens the file of `--cidfile`; a file that exists stands for a container that may run. */
export const openIdFile = (path: string): IdFile => {
  let fd: number
  try {
    fd = openSync(path, 'wx', 0o644)
  } catch (error) {
    if (errnoOf(error) !== 'EEXIST') throw fileError('create', path, error)
    const text = `container id file exists. Ensure another container is not using it or delete ${path}`
    throw new TspodError('exists', text, { object: path }, error)
  }
  return {
    write: (id) => {
      writeSync(fd, id)
      closeSync(fd)
    },
    discard: () => {
      closeSync(fd)
      unlinkSync(path)
    },
  }
}
