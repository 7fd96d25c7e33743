import { closeSync, fstatSync, readSync } from 'node:fs'
import { TspodError } from '../errors'
import { MFD } from './constants'
import { cstring, type LibcFunction, type RawKernel } from './raw'

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

type Rule = SeccompFilter['syscalls'][number]
type Condition = NonNullable<Rule['args']>[number]

// seccomp.h of libseccomp 2.4 and later; the actions are the kernel's SECCOMP_RET_*.
const ACTION: Record<string, number> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
}

const ARCHITECTURE: Record<string, number> = {
  SCMP_ARCH_X86: 0x40000003,
  SCMP_ARCH_X86_64: 0xc000003e,
  SCMP_ARCH_X32: 0x4000003e,
  SCMP_ARCH_ARM: 0x40000028,
  SCMP_ARCH_AARCH64: 0xc00000b7,
}

const NATIVE: Record<RawKernel['arch'], string> = { x64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' }

const COMPARISON: Record<string, number> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
}

const EPERM = 1
const UNKNOWN_SYSCALL = -1
const ATTRIBUTE_OPTIMIZE = 8
/** A binary tree in place of a list: a call is found in 9 steps, not in 400. */
const BINARY_TREE = 2

const unknown = (what: string, name: string) =>
  new TspodError('invalid', `seccomp profile: unknown ${what} ${JSON.stringify(name)}`)

const actionValue = (action: string, errno: number | undefined): number => {
  const value = ACTION[action]
  if (value === undefined) throw unknown('action', action)
  const takesErrno = action === 'SCMP_ACT_ERRNO' || action === 'SCMP_ACT_TRACE'
  return takesErrno ? value + ((errno ?? EPERM) & 0xffff) : value
}

interface Library {
  init: LibcFunction
  release: LibcFunction
  setAttribute: LibcFunction
  addArchitecture: LibcFunction
  resolve: LibcFunction
  addRule: LibcFunction
  exportBpf: LibcFunction
}

const bind = (raw: RawKernel): Library | undefined => {
  const library = raw.library('libseccomp.so.2')
  return (
    library && {
      init: library('void *seccomp_init(uint32 action)'),
      release: library('void seccomp_release(void *context)'),
      setAttribute: library('int seccomp_attr_set(void *context, int attribute, uint32 value)'),
      addArchitecture: library('int seccomp_arch_add(void *context, uint32 architecture)'),
      resolve: library('int seccomp_syscall_resolve_name(const char *name)'),
      addRule: library(
        'int seccomp_rule_add_array(void *context, uint32 action, int syscall, unsigned int count, void *conditions)',
      ),
      exportBpf: library('int seccomp_export_bpf(void *context, int fd)'),
    }
  )
}

/** struct scmp_arg_cmp: the argument, the comparison, and two operands of 64 bits. */
const encodeConditions = (conditions: readonly Condition[]): Buffer => {
  const bytes = Buffer.alloc(conditions.length * 24)
  conditions.forEach(({ index, op, value, valueTwo = 0 }, at) => {
    const comparison = COMPARISON[op]
    if (comparison === undefined) throw unknown('comparison', op)
    bytes.writeUInt32LE(index, at * 24)
    bytes.writeInt32LE(comparison, at * 24 + 4)
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(value)), at * 24 + 8)
    bytes.writeBigUInt64LE(BigInt.asUintN(64, BigInt(valueTwo)), at * 24 + 16)
  })
  return bytes
}

/** libseccomp takes each argument but once in a rule; conditions on one argument are alternatives then, as in runc. */
const alternatives = (conditions: readonly Condition[]): (readonly Condition[])[] => {
  const repeated = new Set(conditions.map(({ index }) => index)).size < conditions.length
  return repeated ? conditions.map((condition) => [condition]) : [conditions]
}

const addRules = (library: Library, context: unknown, rule: Rule, fallback: number): void => {
  const action = actionValue(rule.action, rule.errnoRet)
  if (action === fallback) return
  const sets = alternatives(rule.args ?? []).map((set) => [set.length, encodeConditions(set)] as const)
  for (const name of rule.names) {
    const number = library.resolve(name)
    // A call younger than the library gets the default, ENOSYS as a rule, and programs do without.
    if (number === UNKNOWN_SYSCALL) continue
    for (const [count, conditions] of sets) {
      const result = library.addRule(context, action, number, count, count > 0 ? conditions : null)
      if (result < 0)
        throw new TspodError('system', `seccomp profile: add a rule for ${name}: error ${-result}`)
    }
  }
}

const exported = (raw: RawKernel, library: Library, context: unknown): Buffer => {
  const fd = raw.call('memfd_create', cstring('seccomp'), MFD.CLOEXEC)
  if (fd < 0) throw new TspodError('system', 'seccomp profile: no memory file', { call: 'memfd_create' })
  try {
    const result = library.exportBpf(context, fd)
    if (result < 0) throw new TspodError('system', `seccomp profile: compile: error ${-result}`)
    const bytes = Buffer.alloc(fstatSync(fd).size)
    readSync(fd, bytes, 0, bytes.length, 0)
    return bytes
  } finally {
    closeSync(fd)
  }
}

/** Compiles a filter to BPF (struct sock_filter) through libseccomp; undefined where that library is missing. */
export const compileSeccomp = (raw: RawKernel, filter: SeccompFilter): Buffer | undefined => {
  const library = bind(raw)
  if (!library) return undefined
  const fallback = actionValue(filter.defaultAction, filter.defaultErrnoRet)
  const context: unknown = library.init(fallback)
  if (!context) throw unknown('default action', filter.defaultAction)
  try {
    // Libraries before 2.5 build a list.
    library.setAttribute(context, ATTRIBUTE_OPTIMIZE, BINARY_TREE)
    for (const name of filter.architectures) {
      const architecture = ARCHITECTURE[name]
      if (architecture !== undefined && name !== NATIVE[raw.arch])
        library.addArchitecture(context, architecture)
    }
    for (const rule of filter.syscalls) addRules(library, context, rule, fallback)
    return exported(raw, library, context)
  } finally {
    library.release(context)
  }
}
