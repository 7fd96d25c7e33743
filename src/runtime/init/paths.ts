import { Errno } from '../../kernel'
import { AT, O, RESOLVE } from '../../kernel/constants'
import { openHow } from '../../kernel/files'
import type { Cell, SyscallProgram } from '../program/program'

const HOW_BYTES = 24

/**
 * Opens `path` below the folder in `root` as if that were `/`: links and `..` can't lead out of it, and nobody can
 * swap a folder for a link in between (CVE-2021-30465).
 */
export const openInRoot = (
  program: SyscallProgram,
  root: Cell,
  path: string,
  flags: number,
  options: {
    store?: Cell
    allow?: readonly number[]
    otherwise?: ReturnType<SyscallProgram['label']>
    mode?: number
  } = {},
): Cell => {
  const { mode = 0, store = program.cell(), ...rest } = options
  const how = openHow(flags | O.CLOEXEC, mode, RESOLVE.IN_ROOT | RESOLVE.NO_MAGICLINKS)
  program.step('openat2', [root, path || '.', how, HOW_BYTES], `open /${path} in the container`, {
    ...rest,
    store,
  })
  return store
}

const FOLDER = O.PATH | O.DIRECTORY

/** Makes the missing folders of `path` in the root; a descriptor of the last one. */
export const ensureDirectory = (program: SyscallProgram, root: Cell, path: string, mode = 0o755): Cell => {
  const parts = path.split('/').filter((part) => part && part !== '.')
  const result = program.cell()
  const [missing, done] = [program.label(), program.label()]
  openInRoot(program, root, parts.join('/'), FOLDER, {
    store: result,
    allow: [Errno.ENOENT],
    otherwise: missing,
  })
  program.jump(done)
  program.place(missing)
  let parent = root
  parts.forEach((part, index) => {
    const name = parts.slice(0, index + 1).join('/')
    const step = `make /${name} in the container`
    program.step('mkdirat', [parent, part, mode], step, { allow: [Errno.EEXIST] })
    const last = index === parts.length - 1
    parent = openInRoot(program, root, name, FOLDER, last ? { store: result } : {})
  })
  program.place(done)
  return result
}

/** Makes an empty file, if there is nothing, for a bind mount to lie on; an O_PATH descriptor of it. */
export const ensureFile = (program: SyscallProgram, root: Cell, path: string): Cell => {
  const parts = path.split('/').filter(Boolean)
  const result = program.cell()
  const [missing, done] = [program.label(), program.label()]
  const name = parts.join('/')
  openInRoot(program, root, name, O.PATH, { store: result, allow: [Errno.ENOENT], otherwise: missing })
  program.jump(done)
  program.place(missing)
  const parent = ensureDirectory(program, root, parts.slice(0, -1).join('/'))
  const made = program.cell()
  const flags = O.CREAT | O.EXCL | O.WRONLY | O.NOFOLLOW | O.CLOEXEC
  program.step('openat', [parent, parts.at(-1) ?? '', flags, 0o644], `make /${name} in the container`, {
    store: made,
  })
  program.step('close', [made], 'close')
  openInRoot(program, root, name, O.PATH, { store: result })
  program.place(done)
  return result
}

/** Writes `text` to a file of the host. `allow` names errors that do not matter. */
export const writeHostFile = (
  program: SyscallProgram,
  path: string,
  text: string,
  options: { allow?: readonly number[]; doing?: string } = {},
): void => {
  const fd = program.cell()
  const end = program.label()
  const rest = options.allow ? { allow: options.allow, otherwise: end } : {}
  const doing = options.doing ?? `write ${text} to ${path}`
  program.step('openat', [AT.FDCWD, path, O.WRONLY | O.CLOEXEC, 0], doing, { store: fd, ...rest })
  program.step('write', [fd, Buffer.from(text), Buffer.byteLength(text)], doing, rest)
  program.step('close', [fd], 'close')
  program.place(end)
}
