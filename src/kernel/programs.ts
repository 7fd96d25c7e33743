import { accessSync, constants, fstatSync, readSync, statSync, writeSync } from 'node:fs'
import os from 'node:os'
import { TspodError } from '../errors'
import { MFD } from './constants'
import { checked, cstring, type RawKernel } from './raw'
import type { SpawnCalls } from './spawn'

export interface ProgramResult {
  /** Exit code, or 128 + signal. */
  code: number
  stdout: Buffer
  stderr: Buffer
}

export interface ProgramOptions {
  /** What the program reads from its standard input. */
  input?: string | Uint8Array
  /** Variables beside PATH and LC_ALL; nothing else of our environment is passed on. */
  env?: Record<string, string>
}

export interface ProgramCalls {
  /** Path of a program in PATH, /usr/sbin or /sbin; undefined where there is none. */
  findProgram(name: string): string | undefined
  /** Runs a program that ends soon, waiting on the main thread. Throws only where it can't be started. */
  runProgram(path: string, args: readonly string[], options?: ProgramOptions): ProgramResult
  /** Starts one and returns at once; what it returns waits for the end, and must be called. */
  startProgram(path: string, args: readonly string[], options?: ProgramOptions): () => ProgramResult
  /** Runs a program while the event loop goes on. Throws only where it can't be started. */
  runProgramAsync(path: string, args: readonly string[], options?: ProgramOptions): Promise<ProgramResult>
}

// Ordinary users' PATH often lacks the folders of the system's tools.
const SYSTEM_PATH = ['/usr/sbin', '/sbin', '/usr/bin', '/bin']

const searchPath = (): string[] => [
  ...new Set([
    ...(process.env.PATH ?? '').split(':').filter((folder) => folder.startsWith('/')),
    ...SYSTEM_PATH,
  ]),
]

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return statSync(path).isFile()
  } catch {
    return false
  }
}

// Messages are parsed: they must not be translated.
const cleanEnvironment = (extra: Record<string, string> = {}): Record<string, string> => ({
  PATH: searchPath().join(':'),
  LC_ALL: 'C',
  ...extra,
})

const writeAll = (fd: number, bytes: Uint8Array): void => {
  for (let offset = 0; offset < bytes.length; )
    offset += writeSync(fd, bytes, offset, bytes.length - offset, offset)
}

const readAll = (fd: number): Buffer => {
  const bytes = Buffer.alloc(fstatSync(fd).size)
  let offset = 0
  while (offset < bytes.length) {
    const read = readSync(fd, bytes, offset, bytes.length - offset, offset)
    if (read === 0) break
    offset += read
  }
  return bytes.subarray(0, offset)
}

// Memory files instead of pipes: neither side ever waits for the other, however much is written.
const startOnMemory = (
  raw: RawKernel,
  { spawn, waitFor }: SpawnCalls,
  path: string,
  args: readonly string[],
  options: ProgramOptions,
): (() => ProgramResult) => {
  const opened: number[] = []
  const close = () => {
    for (const fd of opened) raw.call('close', fd)
  }
  const memory = (name: string): number => {
    const fd = checked(raw.call('memfd_create', cstring(name), MFD.CLOEXEC), 'memfd_create', name)
    opened.push(fd)
    return fd
  }
  try {
    const [stdin, stdout, stderr] = [memory('stdin'), memory('stdout'), memory('stderr')]
    const input = options.input ?? ''
    writeAll(stdin, typeof input === 'string' ? Buffer.from(input) : input)
    const env = Object.entries(cleanEnvironment(options.env)).map(([name, value]) => `${name}=${value}`)
    const descriptors = [
      [stdin, 0],
      [stdout, 1],
      [stderr, 2],
    ] as const
    const pid = spawn({ program: path, args: [path, ...args], env, descriptors })
    return () => {
      try {
        const { code } = waitFor(pid)
        return { code, stdout: readAll(stdout), stderr: readAll(stderr) }
      } finally {
        close()
      }
    }
  } catch (error) {
    close()
    throw error
  }
}

const runInBackground = async (
  path: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramResult> => {
  const { execa } = await import('execa')
  const result = await execa(path, args, {
    input: options.input ?? '',
    env: cleanEnvironment(options.env),
    extendEnv: false,
    encoding: 'buffer',
    reject: false,
    stripFinalNewline: false,
  })
  if (result.exitCode === undefined && !result.signal) {
    const errno = result.code ?? 'unknown'
    throw new TspodError(
      'system',
      `start ${path}: ${errno}`,
      { call: 'execve', errno, object: path },
      result.cause,
    )
  }
  const signal = result.signal ? os.constants.signals[result.signal] : 0
  return {
    code: result.exitCode ?? 128 + signal,
    stdout: Buffer.from(result.stdout),
    stderr: Buffer.from(result.stderr),
  }
}

export const programCalls = (raw: RawKernel, processes: SpawnCalls): ProgramCalls => ({
  findProgram: (name) =>
    searchPath()
      .map((folder) => `${folder}/${name}`)
      .find(isExecutable),
  runProgram: (path, args, options = {}) => startOnMemory(raw, processes, path, args, options)(),
  startProgram: (path, args, options = {}) => startOnMemory(raw, processes, path, args, options),
  runProgramAsync: (path, args, options = {}) => runInBackground(path, args, options),
})
