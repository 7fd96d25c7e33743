import type { RawKernel } from './raw'

/** Rules of a filter as the OCI runtime spec has them. */
export interface SeccompFilter {
  defaultAction: string
  defaultErrnoRet?: number
  architectures: string[]
  syscalls: {
    names: string[]
    action: string
    errnoRet?: number
    args?: { index: number; value: number; valueTwo?: number; op: string }[]
  }[]
}

/** Content hash of a filter and of the compiler that would compile it: a name for a cache. */
export const seccompKey = (_raw: RawKernel, _filter: SeccompFilter): string => {
  throw new Error('not written yet')
}

/** Compiles a filter to BPF through libseccomp; undefined where that library is missing. */
export const compileSeccomp = (_raw: RawKernel, _filter: SeccompFilter): Buffer | undefined => {
  throw new Error('not written yet')
}
