import { TspodError } from '../errors'

/** Says whether the number of words fits a command; throws in cobra's and Podman's words. */
export type Arity = (args: readonly string[], command: string) => void

const usage = (message: string): TspodError => new TspodError('usage', message)

export const noArgs: Arity = (args, command) => {
  if (args.length > 0) throw usage(`\`${command}\` takes no arguments`)
}

export const anyArgs: Arity = () => {}

export const exactArgs =
  (count: number): Arity =>
  (args) => {
    if (args.length !== count) throw usage(`accepts ${count} arg(s), received ${args.length}`)
  }

export const minimumArgs =
  (count: number): Arity =>
  (args) => {
    if (args.length < count) throw usage(`requires at least ${count} arg(s), only received ${args.length}`)
  }

export const maximumArgs =
  (count: number): Arity =>
  (args) => {
    if (args.length > count) throw usage(`accepts at most ${count} arg(s), received ${args.length}`)
  }

export const rangeArgs =
  (least: number, most: number): Arity =>
  (args) => {
    if (args.length < least || args.length > most)
      throw usage(`accepts between ${least} and ${most} arg(s), received ${args.length}`)
  }

export interface AllLatest {
  all?: boolean
  latest?: boolean
  /** What was given by `--filter`. */
  filter?: readonly string[]
  /** What was given by the flag that reads ids from files. */
  idFiles?: readonly string[]
  /** That flag's name: `cidfile` or `pod-id-file`. */
  idFileFlag?: string
}

/** Podman's rule for commands over named objects, `--all`, `--latest`, `--filter` and files of ids. */
export function checkAllLatest(args: readonly string[], given: AllLatest): void {
  const { all = false, latest = false, idFileFlag = 'cidfile' } = given
  const files = (given.idFiles?.length ?? 0) > 0
  if ((given.filter?.length ?? 0) > 0) {
    if (args.length > 0) throw usage('--filter takes no arguments')
    return
  }
  if (files && (all || latest)) throw usage(`--all, --latest, and --${idFileFlag} cannot be used together`)
  if (all && latest) throw usage('--all and --latest cannot be used together')
  if (args.length > 0 && all) throw usage('no arguments are needed with --all')
  if (args.length > 0 && latest) throw usage('--latest and containers cannot be used together')
  if (args.length > 0 && files) throw usage(`no arguments are needed with --latest or --${idFileFlag}`)
  if (args.length === 0 && !all && !latest && !files) throw usage('you must provide at least one name or id')
}
