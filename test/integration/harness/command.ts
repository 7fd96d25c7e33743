import { basename, resolve } from 'node:path'
import { execa, type Options } from 'execa'
import { repository } from './places'

/** The program under test: `TSPOD_BIN=podman` runs the same cases against Podman. */
export const BINARY = process.env.TSPOD_BIN ?? resolve(repository, 'bin/tspod')
export const PODMAN = basename(BINARY).startsWith('podman')

export interface Outcome {
  exitCode: number
  stdout: string
  stderr: string
}

export type CommandOptions = Pick<Options, 'input' | 'env' | 'cwd' | 'timeout'> & {
  /** Leave an open, empty standard input instead of none. */
  stdin?: 'ignore' | 'pipe'
}

/** Options before the command that give it its own store. */
export function storeOptions(root: string, runroot: string): string[] {
  const own = ['--root', root, '--runroot', runroot]
  // Podman keeps its locks and events in a third folder
  return PODMAN ? [...own, '--tmpdir', `${runroot}/libpod`] : own
}

/** Runs the program under test; a failure is a result. */
export async function runBinary(args: string[], options: CommandOptions = {}): Promise<Outcome> {
  const { stdin = 'ignore', ...rest } = options
  const result = await execa(BINARY, args, {
    reject: false,
    timeout: 40_000,
    killSignal: 'SIGKILL',
    stripFinalNewline: true,
    ...(rest.input === undefined ? { stdin } : {}),
    ...rest,
  })
  if (result.timedOut) throw new Error(`timed out: ${args.join(' ')}\n${result.stdout}\n${result.stderr}`)
  return {
    exitCode: result.exitCode ?? -1,
    stdout: String(result.stdout ?? ''),
    stderr: withoutNoise(String(result.stderr ?? '')),
  }
}

/**
 * Debian's podman warns about CNI files that it ships itself, and tspod of a host without nft, at each container of the
 * default network; no-nft.test.ts looks at that.
 */
function withoutNoise(stderr: string): string {
  const noise = PODMAN ? /^time=.*level=warning/ : /^time=.*level=warning msg="no nft program was found/
  return stderr
    .split('\n')
    .filter((line) => !noise.test(line))
    .join('\n')
}
