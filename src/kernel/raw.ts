import { existsSync } from 'node:fs'
import { TspodError } from '../errors'
import { Errno, errnoName, errnoText } from './errno'
import { hostArch, type SyscallName, syscallNumber } from './numbers'

/** An argument of a system call: an integer (negative ones as in C), a pointer to bytes, or NULL. */
export type Arg = number | bigint | Uint8Array | null

/** A libc function bound by its C prototype. */
export type LibcFunction = (...args: unknown[]) => number

/**
 * The one place where the kernel is entered. A call returns the kernel's result, or `-errno`.
 * `call` runs on the main thread; `callAsync` on a thread of the pool, so never for calls about namespaces.
 */
export interface RawKernel {
  readonly arch: 'x64' | 'arm64'
  call(name: SyscallName, ...args: Arg[]): number
  callAsync(name: SyscallName, ...args: Arg[]): Promise<number>
  /** Where a buffer's bytes are in memory, for structures that hold pointers. The caller keeps the buffer alive. */
  address(bytes: Uint8Array): bigint
  /** Binds a function of the C library that Node runs on. */
  libc(prototype: string): LibcFunction
  /** Binds functions of another shared library, by its file's name; undefined where the host lacks it. */
  library(name: string): ((prototype: string) => LibcFunction) | undefined
}

type Koffi = Pick<typeof import('koffi'), 'load' | 'errno' | 'address'>

/** The binary in the platform's package, which reads Node's own ELF headers to choose it. */
const platformBinary = (): string => {
  const name = `@koromix/koffi-linux-${process.arch}`
  const isMusl = existsSync(`/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`)
  return isMusl ? name : `${name}/linux_${process.arch}/koffi.node`
}

// The same API at a third of the load time, but none of it is a documented entry.
const loadKoffi = (): Koffi => {
  try {
    const binary = require(platformBinary()) as Koffi & { version?: string }
    if (binary.version !== undefined) return binary
  } catch {
    // The documented one finds out what is wrong.
  }
  return require('koffi') as Koffi
}

const SYSCALL = 'int64 syscall(int64 number, void *a, void *b, void *c, void *d, void *e, void *f)'

/** Enters the kernel through koffi and the C library's `syscall(2)`, on glibc and musl alike. */
export const openRawKernel = (): RawKernel => {
  const arch = hostArch()
  const koffi = loadKoffi()
  const library = koffi.load(null)
  const syscall = library.func(SYSCALL)
  const negated = (result: number) => (result === -1 ? -koffi.errno() : Number(result))
  const call = (name: SyscallName, ...[a, b, c, d, e, f]: Arg[]) =>
    negated(
      syscall(syscallNumber(name, arch), a ?? null, b ?? null, c ?? null, d ?? null, e ?? null, f ?? null),
    )
  const callAsync = (name: SyscallName, ...args: Arg[]) =>
    new Promise<number>((resolve, reject) => {
      const [a, b, c, d, e, f] = args
      const done = (error: Error | null, result: number) => (error ? reject(error) : resolve(negated(result)))
      syscall.async(
        syscallNumber(name, arch),
        a ?? null,
        b ?? null,
        c ?? null,
        d ?? null,
        e ?? null,
        f ?? null,
        done,
      )
    })
  return {
    arch,
    call,
    callAsync,
    address: (bytes) => BigInt(koffi.address(bytes)),
    libc: (prototype) => library.func(prototype) as unknown as LibcFunction,
    library: (name) => loadLibrary(koffi, name),
  }
}

const loadLibrary = (koffi: Koffi, name: string): ReturnType<RawKernel['library']> => {
  try {
    const library = koffi.load(name)
    return (prototype) => library.func(prototype) as unknown as LibcFunction
  } catch {
    return undefined
  }
}

/** A path or string as the kernel wants it: bytes ending in NUL. A NUL inside can't be expressed and is refused. */
export const cstring = (text: string | Uint8Array): Buffer => {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text
  if (bytes.includes(0))
    throw new TspodError('invalid', `${JSON.stringify(bytes.toString())} holds a NUL byte`)
  const ended = Buffer.alloc(bytes.length + 1)
  ended.set(bytes)
  return ended
}

/** The error of a failed system call: what was being done, to which object, the call and the errno. */
export const syscallError = (
  call: SyscallName,
  errno: number,
  object: string,
  doing?: string,
): TspodError => {
  const what = doing ?? `${call} ${object}`
  const hint = errno === Errno.ENOSPC ? ': free some space on that disk and try again' : ''
  return new TspodError('system', `${what}: ${errnoText(errno)}${hint}`, {
    call,
    errno: errnoName(errno),
    object,
  })
}

/** Passes a result through, or throws the call's error. */
export const checked = (result: number, call: SyscallName, object: string, doing?: string): number => {
  if (result < 0) throw syscallError(call, -result, object, doing)
  return result
}
